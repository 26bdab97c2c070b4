/** The damage suite against the reference plugin, over every other seed. */
import { suite } from './suite.ts';

suite('reference');

/** The damage suite against the quirky plugin, over every other seed. */
import { suite } from './suite.ts';

suite('quirky');

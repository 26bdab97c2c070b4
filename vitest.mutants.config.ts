/**
 * What `npm run test:mutants` runs against each broken version of the pure middle: the unit tests of the folders that are mutated, and no
 * other, so that what kills a mutant is a test of its own folder.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/unit/{plan,verify,model}/**/*.test.ts'], testTimeout: 20_000 },
});

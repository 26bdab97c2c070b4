import { describe, expect, test } from 'vitest';
import { commitStatement } from '../../../src/reference-plugin/commit.ts';

/** The values are handed over by their place in the text, and not by the numbers that stand there. */
describe('the parameters of a commit stand in its statement once each, in the order of their numbers,', () => {
  test.each([
    ['without vectors', undefined, 8],
    ['with vectors', 'public', 9],
  ])('%s', (_case, vectorSchema, count) => {
    const parameters = commitStatement('memory_plugin', vectorSchema).match(/\$\d+/g);
    expect(parameters).toEqual(Array.from({ length: count }, (_parameter, index) => `$${index + 1}`));
  });
});

test('a vector type is found in whatever schema it was installed, however that is called', () => {
  expect(commitStatement('memory_plugin', 'My "own" types')).toContain('$9::text::"My ""own"" types".vector');
});

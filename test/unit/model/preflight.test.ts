/** Whether a plugin is ready follows from the checks that block, and from nothing else. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PreflightCheck, readiness } from '../../../src/model/preflight.ts';

const check = (grade: PreflightCheck['grade'], outcome: PreflightCheck['outcome']): PreflightCheck => ({
  name: 'health',
  grade,
  outcome,
  sentence: 'The plugin answers.',
});
const PASSED = check('blocks', 'passed');
const FAILED = check('blocks', 'failed');
const NOT_ANNOUNCED = check('blocks', 'not-announced');
const UNASKED = check('blocks', 'unasked');

describe('a plugin is', () => {
  test.each([
    ['ready where every check that blocks has passed', [PASSED, PASSED], 'ready'],
    ['ready where one is about what it does not announce', [PASSED, NOT_ANNOUNCED], 'ready'],
    ['not ready where one has failed', [PASSED, FAILED, PASSED], 'not-ready'],
    ['not ready where one has failed and another could not be asked', [UNASKED, FAILED], 'not-ready'],
    ['not known where one could not be asked', [PASSED, UNASKED, PASSED], 'not-known'],
    ['not known where there was none to pass', [], 'not-known'],
    ['not known where all that was asked does not block', [check('warns', 'passed')], 'not-known'],
  ])('%s', (_name, checks, expected) => {
    expect(readiness(checks)).toBe(expected);
  });
});

test('what only warns decides nothing, however it came out', () => {
  const outcomes = fc.constantFrom('passed', 'failed', 'not-announced', 'unasked');
  const warnings = fc.array(outcomes.map((outcome) => check('warns', outcome)));
  const blocking = fc.array(outcomes.map((outcome) => check('blocks', outcome)));
  fc.assert(
    fc.property(warnings, blocking, (weighed, decisive) => {
      expect(readiness([...weighed, ...decisive])).toBe(readiness(decisive));
      expect(readiness([...decisive, ...weighed])).toBe(readiness(decisive));
    }),
  );
});

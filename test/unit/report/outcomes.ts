/** Verifies that ended in whatever way, and the law that their verdict says what their exit code says. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { exitCode } from '../../../src/cli/exit-code.ts';
import type { Report } from '../../../src/model/run.ts';
import type { Interruption } from '../../../src/model/settings.ts';
import { FINDING_KINDS, type FindingKind, type VerifyResult } from '../../../src/model/verify.ts';
import { report, skips, verify } from './reports.ts';

export interface Ending {
  result: VerifyResult;
  values: Pick<Report, 'error' | 'interruptedBy' | 'timeUp'>;
}

/** This one in most cases, so that not every verify fails for some reason, and each reason decides in some. */
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 5 * others.length, arbitrary: fc.constant(usual) },
    { weight: others.length, arbitrary: fc.constantFrom(...others) },
  );

const few = mostly(0, 1, 3);
const rarely = mostly(false, true);

export const someVerify: fc.Arbitrary<Ending> = fc
  .record({
    kind: mostly<FindingKind | null>(null, ...FINDING_KINDS),
    unproven: few,
    allowUnproven: fc.constantFrom(null, 0, 1, 3),
    skipped: few,
    failOnSkipped: rarely,
    compared: fc.constantFrom(10, 10, 0),
    emptyAllowed: fc.boolean(),
    errors: few,
    listedErrors: few,
    unchecked: few,
    finished: mostly(true, false),
    timeUp: rarely,
    interruptedBy: mostly<Interruption | null>(null, 'SIGINT'),
    error: mostly<Report['error']>(
      null,
      { code: 'source', message: 'Gone.' },
      { code: 'output', message: 'No.' },
      { code: 'internal', message: 'Oh.' },
    ),
  })
  .map(({ kind, timeUp, interruptedBy, error, ...given }) => ({
    values: { timeUp, interruptedBy, error },
    result: verify({
      workspaces: { errors: given.errors, unchecked: given.unchecked },
      findings: { unproven: given.unproven, ...(kind && { [kind]: 1 }) },
      rows: { compared: given.compared, skipped: skips({ 'empty-content': given.skipped }) },
      errors: Array.from({ length: given.listedErrors }, () => ({ workspaceId: null, sentence: 'No.' })),
      hunt: { ...verify().hunt, finished: given.finished },
      allowUnproven: given.allowUnproven,
      failOnSkipped: given.failOnSkipped,
      emptyAllowed: given.emptyAllowed,
    }),
  }));

export function codeOf(result: VerifyResult, values: Partial<Report> = {}): number {
  return exitCode(report({ ...values, result }));
}

const WORDS: Readonly<Record<number, readonly string[]>> = {
  0: ['EQUAL', 'Nothing was verified'],
  1: ['NOT EQUAL', 'NOT PROVEN', 'NOTHING WAS VERIFIED'],
  3: ['NOT CHECKED'],
};

/** @param wordOf the verdict's word, read off a form of the report */
export function verdictsAgree(
  endings: fc.Arbitrary<Ending>,
  wordOf: (result: VerifyResult, values: Ending['values']) => string,
): void {
  const seen = new Set<string>();
  fc.assert(
    fc.property(endings, ({ result, values }) => {
      const code = codeOf(result, values);
      const word = wordOf(result, values);
      seen.add(word);
      // A signal has its own code, and says nothing of what was found.
      if (code > 128) expect(word).not.toMatch(/^(EQUAL|Nothing was verified)$/);
      else expect({ code, word }).toEqual({ code, word: expect.toBeOneOf([...(WORDS[code] ?? [])]) });
    }),
    { numRuns: 1_500 },
  );
  expect([...seen].sort()).toEqual([...new Set(Object.values(WORDS).flat())].sort());
}

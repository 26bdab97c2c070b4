/** Every finding comes with something that its operator can do, by the id that it has to be done to. */
import { describe, expect, test } from 'vitest';
import { FINDING_KINDS, type Finding } from '../../../src/model/verify.ts';
import { nextStep } from '../../../src/verify/next-steps.ts';

const finding = (given: Partial<Finding>): Finding => ({
  kind: 'missing',
  id: 'a1',
  foundAs: null,
  workspaceId: 'sales',
  namespace: 'team:acme',
  foundIn: 'team:acme',
  evidence: 'id',
  writtenBy: null,
  sentence: 'is not in the plugin',
  next: '',
  digests: { expected: null, found: null },
  ...given,
});
const step = (given: Partial<Finding>) => nextStep(finding(given));

const REPAIR = '--apply --repair';
const ACKNOWLEDGED = '--include-acknowledged';

test.each(FINDING_KINDS)('for %s it is a whole sentence', (kind) => {
  for (const evidence of ['id', 'text'] as const) {
    for (const writtenBy of [null, 'run-1']) {
      expect(step({ kind, evidence, writtenBy, foundAs: 'b2' })).toMatch(/^[A-Z].*\.$/);
    }
  }
});

describe('a repair', () => {
  test.each(['leak', 'missing', 'content', 'misplaced', 'fields', 'vanishing'] as const)('mends %s', (kind) => {
    expect(step({ kind })).toContain(REPAIR);
    expect(step({ kind })).toMatch(/the JSON report of a verify \(--json\)\.$/);
  });

  test.each(['missing', 'content', 'misplaced', 'fields', 'vanishing'] as const)(
    'of %s needs a further word where the ledger has the row as written',
    (kind) => {
      expect(step({ kind, writtenBy: 'run-1' })).toContain(REPAIR);
      expect(step({ kind, writtenBy: 'run-1' })).toContain(ACKNOWLEDGED);
    },
  );

  test.each(['missing', 'content'] as const)('of %s is weighed by the run that wrote it', (kind) => {
    expect(step({ kind, writtenBy: 'run-1' })).toMatch(/^The ledger has it as written by run run-1: /);
  });

  test.each(['duplicate', 'unproven'] as const)('does not touch %s', (kind) => {
    for (const evidence of ['id', 'text'] as const) expect(step({ kind, evidence })).not.toContain(REPAIR);
  });

  test('does not touch what is a leak by its text alone', () => {
    expect(step({ kind: 'leak', evidence: 'text' })).not.toContain(REPAIR);
  });
});

describe('what is known by its text alone', () => {
  test.each(['leak', 'duplicate'] as const)(
    'can be accepted, for %s by the id that the plugin has it under',
    (kind) => {
      expect(step({ kind, evidence: 'text', foundAs: 'b2' })).toContain('accept b2 by --accept');
      expect(step({ kind, evidence: 'id', foundAs: 'b2' })).not.toContain('--accept');
    },
  );

  test('and as a leak, where the plugin has it under the row’s own, by that', () => {
    expect(step({ kind: 'leak', evidence: 'text' })).toContain('accept a1 by --accept');
    expect(step({ kind: 'leak', evidence: 'text' })).toContain('else have a1 forgotten');
  });
});

test('a copy too many is named by its own id', () => {
  expect(step({ kind: 'duplicate', foundAs: 'b2' })).toBe('Have the copy b2 forgotten in the plugin.');
  expect(step({ kind: 'duplicate', foundAs: null })).toContain('forgetting the id may take every one');
});

test('an unproven row can be let pass by number', () => {
  expect(step({ kind: 'unproven' })).toContain('--allow-unproven');
});

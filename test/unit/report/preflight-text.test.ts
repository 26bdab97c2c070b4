/** What stands on the terminal after a preflight, and the word on which its exit code stands. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PreflightCheck, readiness } from '../../../src/model/preflight.ts';
import type { Report } from '../../../src/model/run.ts';
import { plain, type Style } from '../../../src/report/format.ts';
import { renderPreflight } from '../../../src/report/preflight-text.ts';

type Ending = Pick<Report, 'error' | 'interruptedBy'>;

const WELL: Ending = { error: null, interruptedBy: null };

const check = (values: Partial<PreflightCheck> = {}): PreflightCheck => ({
  name: 'upsert',
  grade: 'blocks',
  outcome: 'passed',
  sentence: 'It was seen.',
  ...values,
});

const rendered = (checks: PreflightCheck[], ending = WELL, style: Style = plain) =>
  renderPreflight({ mode: 'preflight', checks }, ending, style).join('\n\n');

const verdict = (checks: PreflightCheck[], ending = WELL) => rendered(checks, ending).split('\n').at(-1);

const MIXED = [
  check({ name: 'health', grade: 'warns', sentence: 'The plugin calls itself ok.' }),
  check({ name: 'read-after-write', outcome: 'failed', sentence: 'It is not found.' }),
  check({ name: 'ttl', grade: 'warns', outcome: 'not-announced', sentence: 'It is not announced.' }),
  check({ name: 'limit', grade: 'warns', outcome: 'failed', sentence: 'It is not refused.' }),
  check({ name: 'upsert', outcome: 'unasked', sentence: 'It cannot be told.' }),
];

test('each check stands in a line with what was seen, and the verdict in the last', () => {
  expect(rendered(MIXED)).toBe(`\
  check              outcome         grade    what was seen
  health             passed          warns    The plugin calls itself ok.
  read-after-write   failed          blocks   It is not found.
  ttl                not-announced   warns    It is not announced.
  limit              failed          warns    It is not refused.
  upsert             unasked         blocks   It cannot be told.

NOT READY: 1 check blocks.`);
});

test('outcomes are coloured by what they mean for the copy', () => {
  const mark = (name: string) => (inner: string) => `<${name}>${inner}</${name}>`;
  const style: Style = { bold: mark('b'), dim: mark('d'), good: mark('g'), bad: mark('r'), warn: mark('y') };
  const coloured = rendered(MIXED, WELL, style);
  expect(coloured.match(/<\w>(passed|failed|not-announced|unasked)/g)).toEqual([
    '<g>passed',
    '<r>failed',
    '<d>not-announced',
    '<y>failed',
    '<y>unasked',
  ]);
  expect(coloured).toContain('<r>NOT READY: 1 check blocks.</r>');
  expect(coloured.replace(/<\/?[bdgry]>/g, '')).toBe(rendered(MIXED));
});

describe('the verdict', () => {
  const warning = check({ grade: 'warns', outcome: 'failed' });
  const unmade = check({ grade: 'warns', outcome: 'unasked' });
  const open = check({ outcome: 'unasked' });
  const blocking = check({ outcome: 'failed' });

  test.each<[string, PreflightCheck[], string]>([
    ['all passed', [check(), check({ outcome: 'not-announced' })], 'READY: all checks passed.'],
    ['there are warnings', [check(), warning, warning], 'READY: nothing blocks; 2 warnings.'],
    [
      'a check that only warns could not be made',
      [check(), warning, unmade],
      'READY: nothing blocks; 1 warning, 1 check that only warns could not be made.',
    ],
    ['two checks block', [check(), blocking, open, blocking], 'NOT READY: 2 checks block.'],
    ['one could not be made', [check(), open], 'NOT KNOWN: 1 check that blocks could not be made.'],
    ['nothing was checked', [], 'NOT KNOWN: the checks were cut short.'],
    ['nothing that blocks was checked', [warning], 'NOT KNOWN: the checks were cut short.'],
  ])('where %s', (_, checks, expected) => {
    expect(verdict(checks)).toBe(expected);
  });

  test.each<[string, Ending]>([
    ['an error ended it', { ...WELL, error: { code: 'plugin', message: 'Gone.' } }],
    ['a signal ended it', { ...WELL, interruptedBy: 'SIGINT' }],
  ])('is not READY where %s', (_, ending) => {
    expect(verdict([check()], ending)).toBe('NOT KNOWN: the checks were cut short.');
    expect(verdict([blocking], ending)).toBe('NOT READY: 1 check blocks.');
  });

  test('is READY exactly where whatever blocks was checked and has not failed', () => {
    const checks = fc.array(
      fc.record({
        name: fc.constantFrom('health', 'upsert'),
        grade: fc.constantFrom('blocks', 'warns'),
        outcome: fc.constantFrom('passed', 'failed', 'not-announced', 'unasked'),
        sentence: fc.constant('It was seen.'),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(checks, (made) => {
        const blocks = made.filter(({ grade }) => grade === 'blocks').map(({ outcome }) => outcome);
        const isReady = blocks.length > 0 && !blocks.includes('failed') && !blocks.includes('unasked');
        expect(readiness(made) === 'ready').toBe(isReady);
        expect(verdict(made)?.startsWith('READY: ')).toBe(isReady);
        expect(readiness(made) === 'not-ready').toBe(blocks.includes('failed'));
        expect(verdict(made)?.startsWith('NOT READY: ')).toBe(blocks.includes('failed'));
      }),
      { numRuns: 300 },
    );
  });
});

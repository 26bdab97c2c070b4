/** Every reason for which a receipt is refused, each alone and all together. */
import { describe, expect, test } from 'vitest';
import type { Receipt } from '../../../src/model/receipt.ts';
import {
  againstItself,
  againstNow,
  againstPlugin,
  ageOf,
  type Present,
  type Terms,
} from '../../../src/verify/receipt.ts';
import { KEY, receipt, SNAPSHOT } from '../model/receipts.ts';
import { skips } from '../report/reports.ts';

const HOUR = 3_600_000;
const BEGUN = Date.parse(SNAPSHOT.at);

const terms = (values: Partial<Terms> = {}): Terms => ({
  key: null,
  acceptSample: false,
  acceptSkipped: 0,
  allowUnproven: 0,
  maxAgeMs: 24 * HOUR,
  ...values,
});

const present = (values: Partial<Present> = {}): Present => ({
  address: 'db.test:5432/platform',
  schema: 'public',
  snapshot: SNAPSHOT,
  clock: BEGUN + HOUR,
  ...values,
});

const PLAIN = receipt();
/** All that were compared match, unless the test says otherwise. */
const rows = (values: Partial<Receipt['rows']>) => ({
  rows: { ...PLAIN.rows, matched: values.compared ?? PLAIN.rows.matched, ...values },
});
/** What is unproven is named, and was let pass. */
const found = (values: Partial<Receipt['findings']>): Partial<Receipt> => {
  const unproven = Array.from({ length: values.unproven ?? 0 }, (_, made) => `u${made}`);
  return { findings: { ...PLAIN.findings, ...values }, unproven, allowUnproven: unproven.length };
};
const hunted = (values: Partial<Receipt['hunt']>) => ({ hunt: { ...PLAIN.hunt, ...values } });
const judged = (values: Partial<Receipt['workspaces']>) => ({ workspaces: { ...PLAIN.workspaces, ...values } });

describe('nothing speaks against', () => {
  test.each<[string, Partial<Receipt>, Partial<Terms>]>([
    ['one of a full verify in which all matched', {}, {}],
    [
      'rows that were skipped, as many as were accepted',
      rows({ compared: 7, skipped: skips({ accepted: 1, 'empty-content': 2 }) }),
      { acceptSkipped: 3 },
    ],
    ['unproven rows, as many as were allowed', found({ unproven: 3 }), { allowUnproven: 3 }],
    ['unproven rows, fewer than were allowed', found({ unproven: 3 }), { allowUnproven: 4 }],
    [
      'a sample, where that was accepted',
      { ...rows({ compared: 1 }), asked: { workspace: null, sample: 50, seed: 'x' } },
      { acceptSample: true },
    ],
    ['a source without a row', { ...rows({ compared: 0 }), snapshot: { ...PLAIN.snapshot, rows: 0 } }, {}],
    ['memories of the plugin that are nothing of the source', rows({ extra: 9 }), {}],
    [
      'rows that do not match, as many as are unproven or were accepted',
      { ...found({ unproven: 3 }), ...rows({ compared: 10, matched: 5 }), acceptedFindings: 2 },
      { allowUnproven: 3 },
    ],
    [
      'more unproven rows than a receipt names',
      { ...found({ unproven: 1_001 }), unproven: Array.from({ length: 1_000 }, () => 'u') },
      { allowUnproven: 1_001 },
    ],
    [
      'what search cannot show beside rows that are in place, or in the place of those that were skipped',
      { ...rows({ copiesUnseen: 3, absenceUnproven: 2 }), ...hunted({ rows: { probed: 1, unsearchable: 4 } }) },
      {},
    ],
    ['full namespaces in which rows were looked for by their words', hunted({ listed: 1, probed: 5 }), {}],
    [
      'namespaces that could not be covered, where less than everything was accepted',
      hunted({ listed: 4, uncovered: 1 }),
      { acceptSample: true },
    ],
    [
      'namespaces that a sample did not look at, where that was accepted',
      { ...rows({ compared: 1 }), ...hunted({ known: 3_000 }), asked: { workspace: null, sample: 50, seed: 'x' } },
      { acceptSample: true },
    ],
  ])('%s', (_, values, given) => {
    expect(againstItself(receipt(values), terms(given))).toEqual([]);
  });

  test('one with a key, where that is the key', () => {
    expect(againstItself(receipt({}, KEY), terms({ key: KEY }))).toEqual([]);
  });
});

describe('by itself it is refused for', () => {
  test.each<[string, Receipt, string | null, string]>([
    ['a change', { ...PLAIN, population: 3 }, null, 'Its digest does not fit what it says: it has been changed.'],
    [
      'another key',
      receipt({}, 'another'),
      KEY,
      'Its digest does not fit what it says: it has been changed, or was made with another key than that in MEMORY_BACKFILL_RECEIPT_KEY.',
    ],
    [
      'no key, where there is one',
      PLAIN,
      KEY,
      'It was made without a key, as anybody could have made it, and MEMORY_BACKFILL_RECEIPT_KEY is set.',
    ],
    [
      'a key, where there is none',
      receipt({}, KEY),
      null,
      'Its digest does not fit what it says: it has been changed.',
    ],
  ])('its seal: %s', (_, given, key, reason) => {
    expect(againstItself(given, terms({ key }))).toEqual([reason]);
  });

  test.each<[string, Partial<Receipt>, string]>([
    [
      'another verdict',
      { verdict: 'no parity', exitCode: 1 },
      'Its verify did not prove parity: it ended with exit code 1.',
    ],
    [
      'a verify that had nothing to compare',
      { verdict: 'no parity', ...rows({ compared: 0 }) },
      'Its verify proved nothing: it compared no row, and the source held 10 rows.',
    ],
    ['parity with an exit code', { exitCode: 3 }, 'It contradicts itself: it says parity, and exit code 3.'],
    [
      'parity with findings',
      found({ leak: 1, missing: 1 }),
      'It contradicts itself: it says parity, and counts 2 rows with findings.',
    ],
    [
      'parity with workspaces in error, and not reached',
      judged({ errors: 1, unchecked: 1 }),
      'It contradicts itself: it says parity, and counts 2 workspaces as not checked.',
    ],
    [
      'parity with a mismatch',
      judged({ mismatches: 1 }),
      'It contradicts itself: it says parity, and counts 1 workspace with a mismatch.',
    ],
    [
      'parity after a hunt that was cut short',
      hunted({ finished: false }),
      'It contradicts itself: it says parity, and did not come to the end of its search for copies that belong elsewhere.',
    ],
    [
      'parity with rows that neither match nor were let pass',
      { ...rows({ compared: 10, matched: 8 }), acceptedFindings: 1 },
      'It contradicts itself: it says parity, and says of 8 of 10 rows that they match.',
    ],
    [
      'parity with more matches than rows',
      rows({ compared: 10, matched: 11 }),
      'It contradicts itself: it says parity, and says of 11 of 10 rows that they match.',
    ],
    [
      'parity without a row',
      rows({ compared: 0, skipped: skips() }),
      'It contradicts itself: it says parity, and compared none of the 10 rows that the source held.',
    ],
    [
      'parity of fewer workspaces than there were',
      judged({ sampled: 1 }),
      'It contradicts itself: it says parity, and accounts for 1 of the 2 workspaces that the source held.',
    ],
    [
      'a namespace that could not be covered',
      hunted({ listed: 5, uncovered: 1 }),
      'Its verify could not see whether 1 of 6 namespaces holds copies that belong elsewhere: --accept-sample lets that pass.',
    ],
    [
      'namespaces that nobody has looked at',
      hunted({ known: 9, listed: 5, probed: 2 }),
      'Its verify could not see whether 2 of 9 namespaces hold copies that belong elsewhere: --accept-sample lets that pass.',
    ],
    [
      'parity of fewer rows than there were',
      rows({ compared: 9 }),
      'It contradicts itself: it says parity, and accounts for 9 of the 10 rows that the source held.',
    ],
    [
      'parity of more rows than there were',
      { ...rows({ compared: 2 }), snapshot: { ...PLAIN.snapshot, rows: 1 } },
      'It contradicts itself: it says parity, and accounts for 2 of the 1 row that the source held.',
    ],
    [
      'a sample',
      {
        ...rows({ compared: 1 }),
        ...judged({ sampled: 50 }),
        ...hunted({ known: 3_000 }),
        asked: { workspace: null, sample: 50, seed: 'x' },
        population: 1_000,
      },
      'Its verify was of a sample, of 50 of 1000 workspaces, and not of everything: --accept-sample lets that pass.',
    ],
    [
      'one workspace',
      { ...rows({ compared: 1 }), asked: { workspace: 'w1', sample: null, seed: null } },
      'Its verify was of one workspace, w1, and not of everything: --accept-sample lets that pass.',
    ],
    [
      'all of one workspace',
      { ...rows({ compared: 1 }), asked: { workspace: 'w1', sample: 'all', seed: null } },
      'Its verify was of one workspace, w1, and not of everything: --accept-sample lets that pass.',
    ],
    [
      'a source that was changed meanwhile, whatever it accounts for',
      { ...rows({ compared: 9 }), snapshot: { ...PLAIN.snapshot, moved: true } },
      'The source was changed while the verify was under way, so that what was compared is not what is told of it.',
    ],
    [
      'a skipped row',
      rows({ compared: 9, skipped: skips({ 'empty-content': 1 }) }),
      'Its verify skipped 1 row, and --accept-skipped says 0: it must be the same number.',
    ],
    ['unproven rows', found({ unproven: 2 }), 'Search could not settle 2 rows, and --allow-unproven says 0.'],
  ])('%s', (_, values, reason) => {
    expect(againstItself(receipt(values), terms())).toEqual([reason]);
  });

  test.each<[string, Partial<Receipt>, string]>([
    ['more than it was allowed to', { allowUnproven: 1 }, 'lets pass more unproven rows than it was allowed to'],
    ['any, without being allowed to', { allowUnproven: null }, 'lets pass more unproven rows than it was allowed to'],
    ['rows that it does not name', { unproven: ['u0'] }, 'does not name what it could not settle'],
    ['fewer rows than it names', { unproven: ['u0', 'u1', 'u2'] }, 'does not name what it could not settle'],
  ])('parity that lets pass %s', (_, values, what) => {
    const given = receipt({ ...found({ unproven: 2 }), ...values });
    expect(againstItself(given, terms({ allowUnproven: 2 }))).toEqual([
      `It contradicts itself: it says parity, and ${what}.`,
    ]);
  });

  test.each([
    [1, 2],
    [2, 1],
  ])('%i skipped rows where %i were accepted', (skipped, acceptSkipped) => {
    const given = receipt(rows({ compared: 10 - skipped, skipped: skips({ accepted: skipped }) }));
    expect(againstItself(given, terms({ acceptSkipped }))).toHaveLength(1);
  });

  test('all of it at once, in a fixed order', () => {
    const given: Receipt = {
      ...PLAIN,
      verdict: 'no parity',
      exitCode: 3,
      asked: { workspace: null, sample: 1, seed: 'x' },
      ...rows({ skipped: skips({ accepted: 1 }) }),
      ...found({ unproven: 1 }),
      snapshot: { ...PLAIN.snapshot, moved: true },
    };
    const starts = [
      'Its digest',
      'Its verify did not',
      'Its verify was of a sample',
      'Its verify skipped',
      'Search',
      'The source was changed',
    ];
    const reasons = againstItself(given, terms());
    expect(reasons.map((reason, index) => reason.startsWith(starts[index] ?? '?'))).toEqual(starts.map(() => true));
  });
});

describe('held against the plugin', () => {
  test.each<[string | null, number]>([
    ['http://plugin.test', 0],
    [null, 0],
    ['http://plugin.test:8080', 1],
    ['https://plugin.test', 1],
    ['http://plugin.test/v2', 1],
    ['', 1],
  ])('that is %o, there are %i reasons', (url, many) => {
    const reason = `It is of another plugin: http://plugin.test; and MEMORY_PLUGIN_URL names ${url}.`;
    expect(againstPlugin(PLAIN, url)).toEqual(Array.from({ length: many }, () => reason));
  });
});

describe('held against the source as it is now', () => {
  const other = (half: 'rows' | 'workspaces') =>
    half === 'rows' ? `${'00'.repeat(32)}${'cd'.repeat(32)}` : `${'ab'.repeat(32)}${'00'.repeat(32)}`;
  const now = (values: Partial<Present['snapshot']>): Partial<Present> => ({ snapshot: { ...SNAPSHOT, ...values } });
  const END = 'Copy what is new, and verify again.';

  test('it holds where that is the same, whenever it was looked at', () => {
    expect(againstNow(PLAIN, present(now({ at: '2026-11-20T18:00:00.000000Z' })), terms())).toEqual([]);
  });

  test.each<[string, Partial<Present>, string]>([
    [
      'another address',
      { address: 'db.test:5433/platform' },
      'It is of another source: db.test:5432/platform, schema public; and DATABASE_URL leads to db.test:5433/platform, schema public.',
    ],
    [
      'another schema',
      { schema: 'old' },
      'It is of another source: db.test:5432/platform, schema public; and DATABASE_URL leads to db.test:5432/platform, schema old.',
    ],
    [
      'more rows',
      now({ rows: 11, digest: other('rows') }),
      `The source is not what was compared: it had 10 rows, and has 11 now. ${END}`,
    ],
    [
      'more rows with the same digest',
      now({ rows: 11 }),
      `The source is not what was compared: it had 10 rows, and has 11 now. ${END}`,
    ],
    [
      'other rows',
      now({ digest: other('rows') }),
      `The source is not what was compared: memories were changed, or others have taken their place. ${END}`,
    ],
    [
      'fewer workspaces',
      now({ workspaces: 1, digest: other('workspaces') }),
      `The source is not what was compared: it had 2 workspaces, and has 1 now. ${END}`,
    ],
    [
      'fewer workspaces with the same digest',
      now({ workspaces: 1 }),
      `The source is not what was compared: it had 2 workspaces, and has 1 now. ${END}`,
    ],
    [
      'another tree',
      now({ digest: other('workspaces') }),
      `The source is not what was compared: the id, the parent or the status of workspaces was changed. ${END}`,
    ],
    [
      'other rows and another tree',
      now({ rows: 9, digest: '00'.repeat(64) }),
      `The source is not what was compared: it had 10 rows, and has 9 now; the id, the parent or the status of workspaces was changed. ${END}`,
    ],
    [
      'a time before it',
      { clock: BEGUN - 1 },
      "It is of a time that is yet to come, by the database's clock: that clock was set back, or is another.",
    ],
    [
      'a day after it',
      { clock: BEGUN + 24 * HOUR },
      'It is 24 h old, and --max-age asks for less than 24 h: verify again.',
    ],
    [
      'more than a day after it',
      { clock: BEGUN + 26 * HOUR - 1_000 },
      'It is 25 h 59 min 59 s old, and --max-age asks for less than 24 h: verify again.',
    ],
  ])('it is refused for %s', (_, values, reason) => {
    expect(againstNow(PLAIN, present(values), terms())).toEqual([reason]);
  });

  test.each([0, 1, 24 * HOUR - 1])('%i ms is young enough for a day', (age) => {
    expect(againstNow(PLAIN, present({ clock: BEGUN + age }), terms())).toEqual([]);
    expect(ageOf(PLAIN, present({ clock: BEGUN + age }))).toBe(age);
  });

  test('the age that is allowed is the one that is asked for', () => {
    const old = present({ clock: BEGUN + 90_000 });
    expect(againstNow(PLAIN, old, terms({ maxAgeMs: 90_001 }))).toEqual([]);
    expect(againstNow(PLAIN, old, terms({ maxAgeMs: 90_000 }))).toEqual([
      'It is 1 min 30 s old, and --max-age asks for less than 1 min 30 s: verify again.',
    ]);
    expect(againstNow(PLAIN, present({ clock: BEGUN + 999 }), terms({ maxAgeMs: 0 }))).toEqual([
      'It is 0 s old, and --max-age asks for less than 0 s: verify again.',
    ]);
  });

  test('all of it is told at once', () => {
    expect(againstNow(PLAIN, present({ schema: 'old', ...now({ rows: 1 }), clock: 0 }), terms())).toHaveLength(3);
  });
});

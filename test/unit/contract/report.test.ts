/** The schema of reports: it holds what is reported, each field of it and no other, and it is what is published. */
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reportSchema } from '../../../src/contract/report.gen.ts';
import { reportCheck } from '../../../src/contract/report.ts';
import type { RunRecord } from '../../../src/model/ledger.ts';
import type { Report, Result } from '../../../src/model/run.ts';
import { broken, clean, damaged } from '../report/damaged.ts';
import {
  apply,
  conflict,
  drift,
  dryRun,
  finding,
  preflight,
  report,
  rollback,
  status,
  verify,
} from '../report/reports.ts';

const RUN: RunRecord = {
  id: 'r1',
  mode: 'apply',
  actor: { userId: 'ada', serviceId: null },
  toolVersion: '1.2.3',
  settings: { ...report().settings, retryFailed: { run: 'r0' } },
  watermark: { createdAt: null, id: 'a1' },
  total: null,
  checkpoint: null,
  horizon: null,
  pair: { source: 'db.test', plugin: 'http://plugin.test' },
  counts: { written: 3 },
  startedAt: '2026-11-20 17:00:00.000000+00',
  seenAt: '2026-11-20 17:00:00.000000+00',
  endedAt: null,
  ended: 'interrupted',
  exitCode: 143,
  interruptedBy: 'SIGTERM',
};
const { asOf } = status();

/** A report of every mode, with something in each of its lists. */
const RESULTS: Result[] = [
  preflight(),
  dryRun({
    noted: [conflict(), drift({ namespace: null })],
    byScope: [{ scope: 'TEAM', kind: 'team', rows: 1, namespaces: 1, bytes: 1 }],
    samples: [{ id: 'a1', scope: 'LOCAL', namespace: 'workspace:w1' }],
  }),
  apply({
    failures: [{ reason: 'deadline', count: 1, examples: [{ id: 'a1', namespace: 'team:x', sentence: 'Late.' }] }],
    latency: { count: 1, p50: 0.1, p95: 0.2, p99: 0.3 },
    slowest: [{ id: 'a1', namespace: 'team:x', durationMs: 0.5, attempts: 1 }],
  }),
  verify({ listed: [finding({ excerpts: { expected: 'Yes.' } })], asked: { workspace: 'w1' } }),
  rollback({ listed: [{ id: 'a1', namespace: 'team:x', reason: 'edited', sentence: 'was edited' }] }),
  status(),
  { mode: 'status', asOf, about: 'run', run: RUN, overtaken: false, failures: [], left: [] },
  { mode: 'status', asOf, about: 'memory', id: 'a1', entries: [] },
  {
    mode: 'check-receipt',
    file: 'r.json',
    verdict: 'refused',
    reasons: ['No.'],
    receipt: null,
    now: null,
    pluginUrl: null,
    ageMs: 0,
  },
];
const REPORTS: Report[] = [
  report(),
  damaged(),
  clean(),
  broken(),
  ...RESULTS.map((result) =>
    report({ result, traffic: { commitMemory: { attempts: 1, successes: 0, retries: 0, failures: { deadline: 1 } } } }),
  ),
];

const isReport = reportCheck<Report>();

test.each(REPORTS.map((each) => [each.result?.mode ?? 'nothing', each] as const))(
  'a report of %s is of the schema',
  (_, each) => {
    expect([isReport(JSON.parse(JSON.stringify(each))), isReport.reason()]).toEqual([true, 'is valid']);
  },
);

/** Where there is an object in a value: the way to each, as keys. */
function objectsIn(value: unknown, path: readonly string[] = []): Array<readonly string[]> {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.entries(value).flatMap(([key, inner]) => objectsIn(inner, [...path, key]));
  return Array.isArray(value) ? below : [path, ...below];
}

/** A copy in which the object at the end of the way is another. */
function changed(value: unknown, [key, ...path]: readonly string[], change: (object: object) => object): unknown {
  if (typeof value !== 'object' || value === null) throw new Error('There is no object at the end of this way.');
  if (key === undefined) return change(value);
  const entries = Object.entries(value).map(
    ([name, inner]) => [name, name === key ? changed(inner, path, change) : inner] as const,
  );
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

/** Excerpts may be left out, and so may any key of a map. */
const mayLack = (path: readonly string[], field: string) =>
  field === 'excerpts' || ['excerpts', 'traffic', 'failures', 'counts'].includes(path.at(-1) ?? '');

const place = fc.constantFrom(...REPORTS.flatMap((whole) => objectsIn(whole).map((path) => ({ whole, path }))));

describe('a report is refused', () => {
  test('with a field too many, wherever that is', () => {
    fc.assert(
      fc.property(place, ({ whole, path }) => {
        const added = changed(whole, path, (object) => ({ ...object, surprise: 'x' }));
        expect([path, isReport(added)]).toEqual([path, false]);
      }),
      { numRuns: 500 },
    );
  });

  test('with a field too few, wherever that is', () => {
    fc.assert(
      fc.property(place, fc.nat(), ({ whole, path }, nth) => {
        let lost = '';
        const less = changed(whole, path, (object) => {
          const entries = Object.entries(object);
          lost = entries[nth % entries.length]?.[0] ?? '';
          return Object.fromEntries(entries.filter(([name]) => name !== lost));
        });
        expect([lost, isReport(less)]).toEqual([lost, lost === '' || mayLack(path, lost)]);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each<[string, unknown, string]>([
    ['nothing', null, 'the report must be object'],
    ['a part that is missing', { ...report(), tool: undefined }, "the report must have required property 'tool'"],
    [
      'a mode that there is none of',
      { ...report(), mode: 'secret' },
      '/mode must be equal to one of the allowed values',
    ],
    ['a result of no mode', { ...report(), result: { mode: 'secret' } }, '/result is none of what may stand there'],
    [
      'a result of a kind that has several',
      { ...report(), result: { ...status(), runs: 'secret' } },
      '/result is none of what may stand there',
    ],
    ['a result that is none', { ...report(), result: 'secret' }, '/result is none of what may stand there'],
    [
      'what is wrong in a result',
      report({ result: verify({ listed: [finding(), { ...finding(), evidence: JSON.parse('"secret"') }] }) }),
      '/result/listed/1/evidence must be equal to one of the allowed values',
    ],
    [
      'what is missing in a result',
      { ...report(), result: { ...verify(), hunt: undefined } },
      "/result must have required property 'hunt'",
    ],
    [
      'what is wrong beside a result',
      { ...report({ result: apply() }), notices: ['', 7] },
      '/notices/1 must be string',
    ],
  ])('and %s is named, but not quoted', (_, body, reason) => {
    expect(isReport(body)).toBe(false);
    expect(isReport.reason()).toBe(reason);
  });
});

test('what is checked is what is published, under its title', async () => {
  const published = new URL('../../../api-protocol/memory-backfill-report-v1.schema.json', import.meta.url);
  const schema: unknown = JSON.parse(await readFile(published, 'utf8'));
  expect(schema).toEqual(reportSchema);
  expect(schema).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:memory-backfill:report:v1',
    title: 'Report of memory-backfill, version 1',
    properties: { report: { const: 1 }, result: { description: expect.stringMatching(/^Null where /) } },
    additionalProperties: false,
  });
  expect(JSON.stringify(schema)).not.toContain('{@');
});

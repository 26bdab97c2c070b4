/** `--log-file`: a line for each event, and no write without a line. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogEvent } from '../../../src/model/events.ts';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';
import { plantLane } from './lane.ts';
import { commitsOf } from './sent.ts';

let directory: string;
let world: World<QuirkyPlugin>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'log-file-'));
  world = await startWorld({ plugin: 'quirky', quirks: ['reject'] });
});
afterAll(async () => {
  await world.release();
  await rm(directory, { recursive: true });
});

type Line = { time: string; run: string } & LogEvent;

async function linesOf(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line): Line => JSON.parse(line));
}

const rowLines = (lines: readonly Line[]) => lines.filter((line) => line.event === 'row');

test('there is a JSON line for the start, each row, each page and the end, with the run’s id, and without content', async () => {
  const { args, rows, namespace } = await plantLane(world, 'the price is 7 guineas', 'reject-me', ' ');
  const path = join(directory, 'events.jsonl');

  const { report } = await world.backfill([...args, '--log-file', path, '--actor', 'service:nightly']);

  const lines = await linesOf(path);
  expect(lines.map(({ event }) => event).filter((event) => event !== 'notice')).toEqual([
    'run-started',
    ...['row', 'row', 'row'],
    'page',
    'run-ended',
  ]);
  expect(new Set(lines.map(({ run }) => run))).toEqual(new Set([report.runId]));
  for (const { time } of lines) expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(lines[0]).toMatchObject({
    mode: 'apply',
    actor: { userId: null, serviceId: 'nightly' },
    source: expect.stringContaining(String(report.source?.address)),
    plugin: world.plugin.url,
    ledger: report.ledger,
    settings: report.settings,
  });
  const byId = new Map(rowLines(lines).map((line) => [line.id, line]));
  expect(rows.map(({ id }) => byId.get(id))).toMatchObject([
    { outcome: 'written', namespace, reason: 'new', attempts: 2, durationMs: expect.any(Number) },
    { outcome: 'failed', namespace, reason: '400 bad_request', attempts: 1 },
    { outcome: 'skipped', namespace: null, reason: 'empty-content', attempts: 0 },
  ]);
  expect(lines.find(({ event }) => event === 'page')).toMatchObject({ rows: 3, scanned: 3, total: 3 });
  expect(lines.at(-1)).toMatchObject({
    ended: 'incomplete',
    counts: { written: 1, failed: 1, skipped: 1 },
    error: null,
  });
  const { password } = new URL(world.databaseUrl);
  const text = await readFile(path, 'utf8');
  for (const secret of ['guineas', 'reject-me', ...(password ? [password] : [])]) expect(text).not.toContain(secret);
});

test('a second run’s lines follow those of the first', async () => {
  const { args } = await plantLane(world, 'one', 'two');
  const path = join(directory, 'two-runs.jsonl');
  const first = await world.backfill([...args, '--limit', '1', '--log-file', path]);
  const second = await world.backfill([...args, '--log-file', path]);
  expect(rowLines(await linesOf(path)).map(({ run }) => run)).toEqual([first.report.runId, second.report.runId]);
});

test('rows are logged without a ledger, too', async () => {
  const { args, rows } = await plantLane(world, 'one');
  const path = join(directory, 'no-ledger.jsonl');
  await world.backfill([...args, '--no-ledger', '--log-file', path]);
  expect(rowLines(await linesOf(path))).toMatchObject([{ id: rows[0]?.id, outcome: 'written' }]);
});

describe('a log that cannot be written stops the run with exit code 3:', () => {
  const why = expect.stringMatching(
    /^The log could not be written to .*; the run stops, since nothing is sent without/,
  );

  test('a path that does not exist, before a request is sent', async () => {
    const { args } = await plantLane(world, 'one');
    const { requests } = await world.plugin.counters();
    const { report } = await world.backfill([...args, '--log-file', join(directory, 'nowhere', 'events.jsonl')]);
    expect(report).toMatchObject({ exitCode: 3, error: { code: 'output', message: why }, result: null });
    expect((await world.plugin.counters()).requests).toEqual(requests);
  });

  test('a disk that is full, before a row is sent', async () => {
    const { args, rows, kept } = await plantLane(world, 'one', 'two', 'three');
    const { report } = await world.backfill([...args, '--log-file', '/dev/full']);
    expect(report).toMatchObject({ exitCode: 3, error: { code: 'output', message: why } });
    expect(await commitsOf(world, rows)).toEqual([0, 0, 0]);
    expect(await kept()).toEqual([]);
  });
});

test('a rollback has its start, each memory that it forgot, and its end in the log as well', async () => {
  const { apply } = await plantLane(world, 'one', 'two');
  const { runId } = (await apply()).report;
  const path = join(directory, 'rollback.jsonl');
  const { report } = await world.backfill(['--rollback', runId, '--yes', '--log-file', path]);
  expect(report.exitCode).toBe(0);
  const lines = await linesOf(path);
  expect(lines[0]).toMatchObject({ event: 'run-started', mode: 'rollback', run: report.runId });
  expect(rowLines(lines).filter(({ outcome }) => outcome === 'forgotten')).toHaveLength(2);
  expect(lines.at(-1)).toMatchObject({ event: 'run-ended', ended: 'done', error: null });
});

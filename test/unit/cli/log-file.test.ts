/** The log of a run: a line for each event, in order, in the file before anything waits for it no more, and never a memory's text. */
import { appendFile, mkdtempDisposable, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logFile } from '../../../src/cli/log-file.ts';
import { RunError } from '../../../src/model/errors.ts';
import { type LogEvent, rowEvent } from '../../../src/model/events.ts';
import { ENTRY_OUTCOMES } from '../../../src/model/ledger.ts';

const RUN = '5e0f7a8b-1c2d-4e3f-9a4b-6c5d7e8f9a0b';

/** Each event with all that it can hold. */
const EVENTS: { [Name in LogEvent['event']]: Extract<LogEvent, { event: Name }> } = {
  'run-started': {
    event: 'run-started',
    mode: 'apply',
    toolVersion: '1.2.3',
    actor: { userId: 'ada', serviceId: null },
    source: 'db.test:5432/platform',
    plugin: 'http://plugin.test',
    ledger: 'db.test:5432/ledger',
    settings: {
      workspace: 'w1',
      limit: 10,
      teamLevel: 'root',
      removedWorkspaces: 'copy',
      onConflict: 'overwrite',
      retryFailed: { run: 'run-1' },
    },
  },
  page: { event: 'page', rows: 500, scanned: 1_000, total: null, lastCreatedAt: null, lastId: 'a1' },
  row: row('a1'),
  'outage-began': { event: 'outage-began', sentence: 'The plugin did not answer within 30 s.' },
  'outage-ended': { event: 'outage-ended', durationMs: 7_000 },
  notice: { event: 'notice', sentence: 'The cursor was lost.' },
  'run-ended': {
    event: 'run-ended',
    ended: 'interrupted',
    counts: Object.fromEntries([...ENTRY_OUTCOMES, 'recorded'].map((outcome, rows) => [outcome, rows])),
    durationMs: 65_000,
    interruptedBy: 'SIGTERM',
    error: 'output',
  },
};

function row(id: string): Extract<LogEvent, { event: 'row' }> {
  return {
    event: 'row',
    id,
    outcome: 'failed',
    namespace: 'team:acme',
    reason: '400 bad_request',
    attempts: 4,
    durationMs: 12.5,
  };
}

const temporaryFolder = () => mkdtempDisposable(path.join(tmpdir(), 'a log '));

async function linesOf(file: string): Promise<unknown[]> {
  const text = await readFile(file, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function logged(file: string, events: readonly LogEvent[], run = RUN): Promise<void> {
  const log = await logFile(file, run);
  await Promise.all(events.map((event) => log.log(event)));
  await log.close();
}

describe('each event', () => {
  test.each(Object.entries(EVENTS))('%s is a line with all that it holds', async (_, event) => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'run.jsonl');
    await logged(file, [event]);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(await linesOf(file)).toEqual([{ time, run: RUN, ...event }]);
  });

  test.each(Object.entries(EVENTS))('%s leaves out what it is not known to have, a text for one', async (_, event) => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'run.jsonl');
    const secret = 'The safe opens with 8361.';
    const nested = Object.fromEntries(
      Object.entries(event).map(([name, value]) => [
        name,
        typeof value === 'object' && value !== null ? { ...value, content: secret } : value,
      ]),
    );
    const laden = { ...event, ...nested, content: secret, planned: { content: secret }, sentences: [secret] };
    await logged(file, [laden]);
    expect(await readFile(file, 'utf8')).not.toContain('8361');
    expect(await linesOf(file)).toEqual([{ time: expect.any(String), run: RUN, ...event }]);
  });

  test('begins with when, which run, and what', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'run.jsonl');
    await logged(file, [EVENTS.notice]);
    expect(await readFile(file, 'utf8')).toMatch(/^\{"time":"[^"]+","run":"[^"]+","event":"notice","sentence":/);
  });
});

test('the event of an entry has the fields of a row, and not the digest', () => {
  const entry = {
    memoryId: 'a1',
    outcome: 'written',
    namespace: 'team:acme',
    reason: null,
    sourceUpdatedAt: '2026-01-01 00:00:00.000001+00',
    digest: 'd1',
    created: true,
    attempts: 2,
    durationMs: 3,
  } as const;
  expect(rowEvent(entry)).toEqual({
    event: 'row',
    id: 'a1',
    outcome: 'written',
    namespace: 'team:acme',
    reason: null,
    attempts: 2,
    durationMs: 3,
  });
});

describe('the file', () => {
  test('is made for its owner alone', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'run.jsonl');
    await logged(file, []);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toBe('');
  });

  test('keeps the lines of earlier runs', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'run.jsonl');
    await logged(file, [row('a1')], 'run-1');
    await logged(file, [row('a2')], 'run-2');
    expect(await linesOf(file)).toMatchObject([
      { run: 'run-1', id: 'a1' },
      { run: 'run-2', id: 'a2' },
    ]);
  });

  test('goes on with a line of its own after one that a full disk cut off', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'run.jsonl');
    await writeFile(file, '{"time":"2026-01-01T00:00');
    await logged(file, [row('a1'), row('a2')]);
    const [cutOff, ...lines] = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(cutOff).toBe('{"time":"2026-01-01T00:00');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ id: 'a1' }, { id: 'a2' }]);
  });

  test('that somebody else appends to as well keeps both', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'run.jsonl');
    const log = await logFile(file, RUN);
    await log.log(row('a1'));
    await appendFile(file, '{"id":"of somebody else"}\n');
    await log.log(row('a2'));
    await log.close();
    expect(await linesOf(file)).toMatchObject([{ id: 'a1' }, { id: 'of somebody else' }, { id: 'a2' }]);
  });
});

describe('an event that was waited for', () => {
  test('is in the file, whatever becomes of the run afterwards', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'run.jsonl');
    const log = await logFile(file, RUN);
    for (const id of ['a1', 'a2', 'a3']) {
      await log.log(row(id));
      expect((await linesOf(file)).at(-1)).toMatchObject({ id });
    }
    await log.close();
  });

  test('is in the file even where it came in while others were being written', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'run.jsonl');
    const log = await logFile(file, RUN);
    const seen = Array.from({ length: 50 }, async (_, index) => {
      await log.log(row(`a${index}`));
      const lines = await linesOf(file);
      expect(lines).toContainEqual(expect.objectContaining({ id: `a${index}` }));
    });
    await Promise.all(seen);
    await log.close();
  });

  test('stands in the order of the calls, however they come in', async () => {
    const bursts = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(bursts, async (sizes) => {
        await using folder = await temporaryFolder();
        const file = path.join(folder.path, 'run.jsonl');
        const log = await logFile(file, RUN);
        const pending: Array<Promise<void>> = [];
        let asked = 0;
        for (const size of sizes) {
          for (let one = 0; one < size; one++) pending.push(log.log(row(String(asked++))));
          await pending[Math.floor(pending.length / 2)];
        }
        await log.close();
        const ids = asked === 0 ? [] : (await linesOf(file)).map((line) => JSON.parse(JSON.stringify(line)).id);
        expect(ids).toEqual(Array.from({ length: asked }, (_, index) => String(index)));
      }),
      { numRuns: 30 },
    );
  });
});

describe('a log that cannot be written', () => {
  const sentence = (file: string, reason: string) =>
    `The log could not be written to ${file}: ${reason}; the run stops, since nothing is sent without a record.`;

  async function refusal(attempt: Promise<unknown>): Promise<RunError> {
    const error: unknown = await attempt.catch((thrown: unknown) => thrown);
    if (error instanceof RunError) return error;
    throw new Error(`It was not refused: ${JSON.stringify(error)}`);
  }

  test.each([
    ['in a folder that does not exist', 'nowhere/run.jsonl', 'ENOENT: no such file or directory'],
    ['because a folder has its name', '', 'EISDIR: illegal operation on a directory'],
  ])('%s is refused before anything else happens', async (_, name, reason) => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, name);
    const error = await refusal(logFile(file, RUN));
    expect(error.code).toBe('output');
    expect(error.message).toBe(sentence(file, `${reason}, open '${file}'`));
  });

  test('because the disk is full refuses that event, all that wait with it, all later ones, and the end', async () => {
    const log = await logFile('/dev/full', RUN);
    const first = await Promise.all([refusal(log.log(row('a1'))), refusal(log.log(row('a2')))]);
    const later = [await refusal(log.log(row('a3'))), await refusal(log.log(row('a4'))), await refusal(log.close())];
    for (const error of [...first, ...later]) {
      expect(error.code).toBe('output');
      expect(error.message).toBe(sentence('/dev/full', 'ENOSPC: no space left on device, write'));
    }
  });
});

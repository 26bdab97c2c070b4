/** The file of a plan is there whole, or not at all: what was cut off on the way keeps the name FILE.partial. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { holdBeforeFirstRow } from '../apply/held.ts';
import { endToolSessions } from '../source/legacy-database.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
  await plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' } } });
});
afterAll(() => world.release());

const temporaryFolder = () => mkdtempDisposable(path.join(tmpdir(), 'a plan '));

describe('a plan that cannot be written ends the run with exit code 3 and one sentence', () => {
  test('where its folder does not exist', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'nowhere', 'plan.jsonl');
    const { report } = await world.backfill(['--dry-run', '--plan', file]);
    expect(report).toMatchObject({
      exitCode: 3,
      error: { code: 'output', message: expect.stringMatching(/^The plan could not be written to .*: ENOENT: .*\.$/) },
    });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('where the disk is full', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'plan.jsonl');
    symlinkSync('/dev/full', `${file}.partial`);
    const { report } = await world.backfill(['--dry-run', '--plan', file]);
    expect(report).toMatchObject({
      exitCode: 3,
      error: { code: 'output', message: expect.stringMatching(/^The plan could not be written to .*: ENOSPC: .*\.$/) },
    });
    expect(existsSync(file)).toBe(false);
  });

  test('where a folder has its name', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'plan.jsonl');
    mkdirSync(file);
    const { report } = await world.backfill(['--dry-run', '--plan', file]);
    expect(report).toMatchObject({
      exitCode: 3,
      error: { code: 'output', message: expect.stringMatching(/^The plan could not be written to .*: EISDIR: .*\.$/) },
    });
    expect(readdirSync(file)).toEqual([]);
  });
});

describe('a run that ends before its plan is whole leaves FILE.partial, and an older plan as it was', () => {
  const ends: Record<string, { exit: number; end: (kill: (signal: NodeJS.Signals) => void) => Promise<unknown> }> = {
    'by SIGINT': { exit: 130, end: async (kill) => kill('SIGINT') },
    'by the loss of the database': { exit: 3, end: () => endToolSessions(world.sql) },
  };

  test.each(Object.entries(ends))('%s', async (_, { exit, end }) => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'plan.jsonl');
    writeFileSync(file, 'of yesterday');
    const hold = await holdBeforeFirstRow(world);
    const run = world.start(['--dry-run', '--plan', file]);
    await hold.reached();

    await end((signal) => run.child.kill(signal));
    if (exit !== 3) await run.until(/finishing what is under way/);
    await hold.release();

    const { report } = await run.finished;
    expect(report.exitCode).toBe(exit);
    expect(readdirSync(folder.path).toSorted()).toEqual(['plan.jsonl', 'plan.jsonl.partial']);
    expect(readFileSync(file, 'utf8')).toBe('of yesterday');
  });

  test('by SIGKILL, and the next run writes it whole', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'plan.jsonl');
    const hold = await holdBeforeFirstRow(world);
    const killed = world.start(['--dry-run', '--plan', file]);
    await hold.reached();
    killed.child.kill('SIGKILL');
    await expect(killed.finished).rejects.toThrow('ended with SIGKILL');
    await hold.release();
    expect(readdirSync(folder.path)).toEqual(['plan.jsonl.partial']);

    await world.backfill(['--dry-run', '--plan', file]);
    expect(readdirSync(folder.path)).toEqual(['plan.jsonl']);
    expect(readFileSync(file, 'utf8').split('\n').length).toBe(2);
  });
});

/** The files that a verify leaves beside what it prints, written by the real command line. */
import { mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readReport } from '../../../src/cli/read-report.ts';
import { damageCopy, plantSmallWorld, type SmallWorld } from '../../cli/small-world.ts';
import { runCli } from '../../support/cli.ts';
import { junitCase, junitFaults } from '../../support/junit.ts';
import { startWorld, type World } from '../../support/migration.ts';
import type { QuirkyPlugin } from '../../support/quirky-plugin.ts';

/** Words of the memories that were planted, and of the one that was edited. */
const CONTENT = /keeps this to itself|tells everybody|tells nobody|must not hear/;

let whole: World<QuirkyPlugin>;
let damaged: World<QuirkyPlugin>;
let tree: SmallWorld;
beforeAll(async () => {
  [whole, damaged] = await Promise.all([startWorld({ plugin: 'quirky' }), startWorld({ plugin: 'quirky' })]);
  [, tree] = await Promise.all([copied(whole), copied(damaged)]);
  await damageCopy(tree, damaged.plugin);
});
afterAll(() => Promise.all([whole.release(), damaged.release()]));

async function copied(world: World): Promise<SmallWorld> {
  const planted = await plantSmallWorld(world);
  const { code, stderr } = await world.backfill(['--apply']);
  if (code !== 0) throw new Error(`The copy is not whole.\n${stderr}`);
  return planted;
}

/** Verifies everything with both files and a summary, and reads them. */
async function filed(world: World, ...flags: string[]) {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'reports '));
  const [junit, markdown, summary] = [
    `${folder.path}/junit.xml`,
    `${folder.path}/report.md`,
    `${folder.path}/summary.md`,
  ];
  await writeFile(summary, 'What an earlier step said.\n');
  const files = ['--junit', junit, '--report', markdown];
  const run = await world.backfill(['--verify', '--verify-sample', 'all', ...files, ...flags], {
    GITHUB_STEP_SUMMARY: summary,
  });
  const read = (file: string) => readFile(file, 'utf8');
  return {
    run,
    junit: await read(junit),
    markdown: await read(markdown),
    summary: await read(summary),
    names: (await readdir(folder.path)).sort(),
  };
}

test('of a copy that is whole: all green, in each of them', async () => {
  const { run, junit, markdown, summary, names } = await filed(whole);
  expect(run.code).toBe(0);
  expect(names).toEqual(['junit.xml', 'report.md', 'summary.md']);
  expect(await junitFaults(junit)).toEqual([]);
  expect(junit).toContain('<testsuites name="memory-backfill verify" tests="5" failures="0" errors="0" ');
  expect(junitCase('verdict', junit)).toContain('EQUAL: all 4 rows of 4 workspaces');
  expect(markdown).toMatch(/^# memory-backfill verify: EQUAL\n/);
  expect(markdown).toContain('    memory-backfill --verify --verify-sample all\n');
  expect(summary).toBe(`What an earlier step said.\n\n${markdown}`);
});

test('of a copy that is not: each workspace with what is wrong in it, and no word of a memory', async () => {
  const { run, junit, markdown, summary } = await filed(damaged);
  expect(run.code).toBe(1);
  expect(await junitFaults(junit)).toEqual([]);
  const lost = tree.memory('The child keeps this to itself.');
  expect(junitCase(tree.workspace('child'), junit)).toMatch(new RegExp(`^<failure .*missing: ${lost.id} `));
  const edited = tree.memory('The root tells everybody.');
  expect(junitCase(tree.workspace('root'), junit)).toMatch(new RegExp(`^<failure .*content: ${edited.id} `));
  const leaked = tree.memory('The team must not hear this.');
  expect(junitCase(tree.workspace('gone'), junit)).toMatch(new RegExp(`^<failure .*leak: ${leaked.id} `));
  expect(junitCase('verdict', junit)).toMatch(
    /^<failure message="NOT EQUAL: 1 leak, 1 missing, 1 with another content; /,
  );
  expect(markdown).toMatch(/^# memory-backfill verify: NOT EQUAL\n/);
  for (const { id } of [lost, edited, leaked]) expect(markdown).toContain(`\n| \`${id}\` | `);
  for (const file of [junit, markdown, summary, run.stdout]) expect(file).not.toMatch(CONTENT);
});

test('with --show-content: the words as well', async () => {
  const { junit, markdown, summary } = await filed(damaged, '--show-content');
  expect(await junitFaults(junit)).toEqual([]);
  for (const file of [junit, markdown, summary]) expect(file).toMatch(/The root tells nobody\./);
});

test('of a run that could not ask: an error, and nothing green', async () => {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'reports '));
  const junit = `${folder.path}/junit.xml`;
  const nowhere = { MEMORY_PLUGIN_URL: 'http://127.0.0.1:1' };
  const { code } = await whole.backfill(['--verify', '--junit', junit], nowhere);
  expect(code).toBe(3);
  const text = await readFile(junit, 'utf8');
  expect(await junitFaults(text)).toEqual([]);
  expect(text).toContain('tests="1" failures="0" errors="1"');
  expect(junitCase('verdict', text)).toMatch(/^<error [\s\S]*is not serving: /);
});

test.each(['--junit', '--report'])('%s that cannot be written ends the run before anybody is asked', async (flag) => {
  const before = await searches();
  const run = await whole.backfill(['--verify', flag, '/nowhere/file']);
  expect([run.code, run.report.error?.message]).toEqual([
    2,
    `The file of ${flag} ("/nowhere/file") cannot be written: ENOENT.`,
  ]);
  expect(await searches()).toBe(before);
});

/** Requests that the plugin of the whole copy has been sent. */
async function searches(): Promise<number> {
  const { requests } = await whole.plugin.counters();
  return Object.values(requests).reduce((sum, number) => sum + number, 0);
}

test('what --json prints can be read back', async () => {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'reports '));
  const file = `${folder.path}/report.json`;
  const env = { DATABASE_URL: damaged.databaseUrl, MEMORY_PLUGIN_URL: damaged.plugin.url };
  for (const flags of [['--json'], ['--json', '--show-content']]) {
    const { stdout } = await runCli(['--verify', '--verify-sample', 'all', ...flags], env);
    await writeFile(file, stdout);
    expect(await readReport(file)).toEqual(JSON.parse(stdout));
  }
});

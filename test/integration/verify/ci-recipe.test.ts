/**
 * The README's recipe for CI, run as it stands there: each `run:` of its block in a bash of its own, as a runner of GitHub does it,
 * in a folder that looks like a checkout.
 *
 * The one step that is not run is the installation, which would fetch packages: what it makes, `node_modules` and `dist`, is
 * linked into the folder from where this very build is being tested.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LegacyRow } from '../../../src/model/memory.ts';
import { startWorld, type World } from '../../support/migration.ts';
import { tampering } from './tampering.ts';
import { copiedTree } from './verifying.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CHAPTER = '### As a gate in CI';
const INSTALLATION = 'npm ci && npm run build';

interface Step {
  run: string;
  env: Record<string, string>;
}

interface Outcome {
  code: number | null;
  /** All that was printed. */
  log: string;
  /** What stands in the file behind GITHUB_STEP_SUMMARY. */
  summary: string;
}

describe('the recipe for CI in the README', () => {
  let world: World;
  let checkout: string;
  let steps: Step[];
  let rows: readonly LegacyRow[];
  let stranger: string;

  beforeAll(async () => {
    world = await startWorld({ plugin: 'reference' });
    const tree = await copiedTree(world, {
      workspaces: { acme: {}, sales: { parent: 'acme' }, rival: {} },
      memories: {
        'The price list of acme is confidential.': { of: 'sales' },
        'The team of acme meets on Thursdays.': { of: 'sales', scope: 'TEAM' },
        'Rival opens at nine.': { of: 'rival' },
      },
    });
    rows = tree.memories;
    stranger = `workspace:${tree.workspace('rival')}`;
    steps = stepsOf(await readFile(path.join(ROOT, 'README.md'), 'utf8'));
    checkout = await checkOut();
  });
  afterAll(async () => {
    await world?.release();
    if (checkout) await rm(checkout, { recursive: true });
  });

  test('installs and builds what it then runs', () => {
    expect(steps.map(({ run }) => run)).toContain(INSTALLATION);
    expect(steps.filter(({ run }) => run.includes('memory-backfill')).length).toBeGreaterThan(0);
  });

  test('passes a copy that is whole', async () => {
    const { code, log } = await runRecipe();

    expect(code, log).toBe(0);
  });

  test('fails on a memory that is missing, and shows no memory', async () => {
    const [row] = rows;
    if (!row) throw new Error('There is no row.');
    await tampering(world).remove([row.id]);

    const { code, log, summary } = await runRecipe();

    expect(code, log).toBe(1);
    expect(log).toContain(row.id);
    for (const { content } of rows) expect(log + summary).not.toContain(content);
    await world.backfill(['--apply', '--start-over']);
    expect((await runRecipe()).code).toBe(0);
  });

  test('fails on a memory that another tenant can read', async () => {
    const [row] = rows;
    if (!row) throw new Error('There is no row.');
    const id = '0000000c-0000-4000-8000-000000000001';
    await tampering(world).insert({ id, namespace: stranger, content: row.content });

    const { code, log } = await runRecipe();
    await tampering(world).remove([id]);

    expect(code, log).toBe(1);
    expect(log).toContain(stranger);
  });

  test('fails where the plugin does not answer, and where an address is not given', async () => {
    const unreachable = await runRecipe({ MEMORY_PLUGIN_URL: 'http://127.0.0.1:9', MEMORY_BACKFILL_MAX_OUTAGE: '0' });
    const nowhere = await runRecipe({ MEMORY_PLUGIN_URL: '' });

    expect(unreachable.code, unreachable.log).toBe(3);
    expect(nowhere.code, nowhere.log).toBe(2);
  });

  /** Runs the steps one after the other, up to the first that fails. */
  async function runRecipe(given: Record<string, string> = {}): Promise<Outcome> {
    const summary = path.join(checkout, '..', `${path.basename(checkout)}-summary.md`);
    await writeFile(summary, '');
    const settings = { DATABASE_URL: world.databaseUrl, MEMORY_PLUGIN_URL: world.plugin.url, ...given };
    let log = '';
    for (const { run, env } of steps) {
      if (run === INSTALLATION) continue;
      const filled = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filledIn(value, settings)]));
      const ended = await runInBash(run, { ...given, ...filled, GITHUB_STEP_SUMMARY: summary, CI: 'true' });
      log += ended.log;
      if (ended.code !== 0) return { code: ended.code, log, summary: await taken(summary) };
    }
    return { code: 0, log, summary: await taken(summary) };
  }

  /** As the runner does: what comes from the file is its own, and -e ends the script at the first command that fails. */
  async function runInBash(script: string, env: Record<string, string>): Promise<Omit<Outcome, 'summary'>> {
    const file = path.join(checkout, 'step.sh');
    await writeFile(file, `${script}\n`);
    const { PATH, HOME } = process.env;
    const child = spawn('bash', ['-e', file], {
      cwd: checkout,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH, HOME, npm_config_cache: path.join(checkout, 'npm-cache'), ...env },
    });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code: child.exitCode, log: stdout + stderr };
  }
});

/** A folder with what a checkout holds that the steps need, after its installation and its build. */
async function checkOut(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'memory-backfill-recipe-'));
  await copyFile(path.join(ROOT, 'package.json'), path.join(folder, 'package.json'));
  for (const part of ['bin', 'dist', 'node_modules', 'api-protocol']) {
    await symlink(path.join(ROOT, part), path.join(folder, part));
  }
  return folder;
}

async function taken(file: string): Promise<string> {
  const content = await readFile(file, 'utf8');
  await rm(file);
  return content;
}

/** Replaces `${{ secrets.NAME }}` and `${{ vars.NAME }}`. @throws Error for anything else between such braces */
function filledIn(value: string, settings: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$\{\{\s*(.+?)\s*\}\}/g, (_, expression: string) => {
    const name = /^(?:secrets|vars)\.(\w+)$/.exec(expression)?.[1] ?? '';
    const setting = settings[name];
    if (setting === undefined) throw new Error(`The recipe uses ${expression}, of which this test knows nothing.`);
    return setting;
  });
}

/** The steps with a `run:` in the first block of YAML of the chapter. Of YAML it knows what such a recipe is written in. */
function stepsOf(readme: string): Step[] {
  const [, chapter = ''] = readme.split(CHAPTER);
  const block = /```yaml\n([\s\S]*?)```/.exec(chapter)?.[1];
  if (block === undefined) throw new Error('The README has no recipe for CI.');
  return block.split(/^- /m).flatMap((step) => {
    const lines = step.split('\n').map((line, index) => (index === 0 ? `  ${line}` : line));
    const run = valueIn('run', lines);
    const env = lines.flatMap((line) => {
      const [, name, value] = /^ {4}(\w+):\s*(.+)$/.exec(line) ?? [];
      return name && value ? [[name, value.trim()] as const] : [];
    });
    return run === undefined ? [] : [{ run, env: Object.fromEntries(env) }];
  });
}

/** A key's value on its line, or the lines that are indented below it. */
function valueIn(key: string, lines: readonly string[]): string | undefined {
  const at = lines.findIndex((line) => line.startsWith(`  ${key}:`));
  const value = lines[at]?.slice(key.length + 3).trim();
  if (value !== '|' && value !== '>-') return value;
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => line.trim() !== '' && !line.startsWith('    '));
  const body = (end < 0 ? rest : rest.slice(0, end)).map((line) => line.slice(4)).filter((line) => line !== '');
  return body.join(value === '|' ? '\n' : ' ');
}

/** What goes to which stream, and what becomes of a run when somebody stops reading one of them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { halfWay } from '../integration/verify/half-way.ts';
import { type CliResult, runCli, startCli } from '../support/cli.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startWorld, type World } from '../support/migration.ts';
import { plantSmallWorld } from './small-world.ts';

let world: World;
let ends: Record<string, string>;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
  await plantSmallWorld(world);
  ends = { DATABASE_URL: world.databaseUrl, MEMORY_PLUGIN_URL: world.plugin.url };
});
afterAll(() => world.release());

test.concurrent('where there is no terminal there are no colours, even if somebody asks for them', async () => {
  const { stdout, stderr } = await runCli(['--apply'], { ...ends, FORCE_COLOR: '3', CLICOLOR_FORCE: '1' });
  expect(stdout).toContain('4 rows written');
  expect(`${stdout}${stderr}`).not.toContain('\u001b');
});

describe('a run that has something to say on its way, here that it was told to stop,', () => {
  async function interrupted(...flags: string[]) {
    const run = await halfWay(world, flags);
    run.child.kill('SIGINT');
    return run.giveUp();
  }

  test('says it on stderr, and its JSON on stdout stays one report', async () => {
    const { stderr, stdout, code } = await interrupted();
    expect(stderr).toBe('note  SIGINT: finishing what is under way; once more stops at once.\n');
    expect(JSON.parse(stdout)).toMatchObject({ report: 1, interruptedBy: 'SIGINT' });
    expect(code).toBe(130);
  });

  test('says nothing there with --quiet, and keeps it in the report', async () => {
    const { stderr, stdout, code } = await interrupted('--quiet');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ notices: [expect.stringContaining('SIGINT')] });
    expect(code).toBe(130);
  });
});

/** Starts the command, and stops reading a stream of it before it has printed anything. */
async function unread(stream: 'stdout' | 'stderr', args: readonly string[], env = ends): Promise<CliResult> {
  const { child, finished } = startCli(args, env);
  child[stream].destroy();
  return finished;
}

describe('where nobody reads the result', () => {
  test.concurrent.each(['--help', '--dry-run', '--apply --json', '--verify'])(
    '%s does not end in 0, since what was asked for has not been said',
    async (command) => {
      const { code, stderr } = await unread('stdout', command.split(' '));
      expect(stderr).toBe('memory-backfill: The result could not be printed: write EPIPE.\n');
      expect(code).toBe(3);
    },
  );

  test.concurrent('a usage error is still one', async () => {
    expect((await unread('stdout', ['--bogus'])).code).toBe(2);
  });
});

test('a terminal that was closed ends a run with 129, though its result has nowhere to go', async () => {
  await using stack = new AsyncDisposableStack();
  const proxy = stack.adopt(await startFaultProxy(world.plugin.url), ({ stop }) => stop());
  const { firstFired } = proxy.on({ path: /health/ }, { kind: 'hang' });
  const { child, finished } = startCli(['--apply'], { ...ends, MEMORY_PLUGIN_URL: proxy.url });
  await firstFired;
  child.stdout.destroy();
  child.stderr.destroy();
  child.kill('SIGHUP');
  expect((await finished).code).toBe(129);
});

describe('where nobody reads stderr', () => {
  test('what is said there on the way is lost, and nothing else', async () => {
    const run = await halfWay(world, []);
    run.child.stderr?.destroy();
    run.child.kill('SIGINT');
    const { code, stdout } = await run.giveUp();
    expect(JSON.parse(stdout)).toMatchObject({ interruptedBy: 'SIGINT' });
    expect(code).toBe(130);
  });

  test('the exit code of an error is the same', async () => {
    expect((await unread('stderr', ['--bogus'])).code).toBe(2);
  });
});

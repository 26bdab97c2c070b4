/**
 * `npm test`: everything that must hold before a change is published, one step after the other, to the end even where one
 * fails, so that a single run shows all that is wrong.
 *
 * The last line is `N passed, N failed`. It counts the single tests and the steps together, and a step that crashes, or runs
 * no test at all, is a failed one. The exit code is 0 only where nothing failed; 2 on a Node that is too old; 130 or 143
 * after a signal.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = [22, 19] as const;

/** What a step adds to the closing line. */
interface Tally {
  passed: number;
  failed: number;
}

interface Step {
  title: string;
  run(): Promise<Tally>;
}

const PASSED: Tally = { passed: 1, failed: 0 };
const FAILED: Tally = { passed: 0, failed: 1 };

const STEPS: readonly Step[] = [
  { title: 'types', run: () => command(localTool('typescript/bin/tsc'), '-p', '.') },
  { title: 'lint', run: () => command(localTool('@biomejs/biome/bin/biome'), 'check', '.') },
  { title: 'generated files', run: () => command('scripts/generate.ts', '--check') },
  { title: 'build', run: build },
  { title: 'tests', run: tests },
];

let running: ChildProcess | undefined;
let interruptedBy: 'SIGINT' | 'SIGTERM' | undefined;

await main();

async function main(): Promise<void> {
  if (!nodeIsRecentEnough()) return;
  listenToSignals();
  const total: Tally = { passed: 0, failed: 0 };
  const failedSteps: string[] = [];
  for (const { title, run } of STEPS) {
    console.log(`\n── ${title} ${'─'.repeat(76 - title.length)}`);
    const started = performance.now();
    const { passed, failed } = await outcomeOf(run);
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    console.log(`   ${title} ${failed === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
    total.passed += passed;
    total.failed += failed;
    if (failed > 0) failedSteps.push(title);
    if (interruptedBy) break;
  }
  console.log(failedSteps.length > 0 ? `\nFailed: ${failedSteps.join(', ')}.` : '');
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = exitCode(total);
}

async function outcomeOf(run: Step['run']): Promise<Tally> {
  try {
    return await run();
  } catch (crash) {
    console.error(crash);
    return FAILED;
  }
}

function exitCode({ failed }: Tally): number {
  if (interruptedBy) return interruptedBy === 'SIGINT' ? 130 : 143;
  return failed === 0 ? 0 : 1;
}

// --- The steps --------------------------------------------------------------------------------------------------------

/** Through npm, so that what is tested is the very build that is published. */
function build(): Promise<Tally> {
  const npm = process.env.npm_execpath;
  return npm ? command(npm, 'run', 'build') : judged(spawnHere('npm', ['run', 'build']));
}

async function tests(): Promise<Tally> {
  const folder = await mkdtemp(path.join(tmpdir(), 'memory-backfill-tests-'));
  try {
    const file = path.join(folder, 'results.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const step = await command(localTool('vitest/vitest.mjs'), 'run', '--allowOnly=false', ...reporters);
    if (existsSync(file)) return tallyOf(JSON.parse(await readFile(file, 'utf8')), step);
    console.error('   The tests ended without a result.');
    return FAILED;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * @param results what vitest's JSON reporter wrote.
 * @param step whether vitest itself ended well. It does not where a test failed, but also where a file could not be loaded,
 *   or an error was thrown outside of every test: those appear in no count of tests.
 */
function tallyOf(results: unknown, step: Tally): Tally {
  const passed = numberIn(results, 'numPassedTests');
  const failed = numberIn(results, 'numFailedTests');
  const notRun = numberIn(results, 'numPendingTests') + numberIn(results, 'numTodoTests');
  if (notRun > 0) console.log(`   Not run: ${notRun}.`);
  if (passed + failed === 0) {
    console.error('   No test was run.');
    return FAILED;
  }
  return { passed, failed: Math.max(failed, step.failed) };
}

function numberIn(results: unknown, key: string): number {
  const value = isRecord(results) ? results[key] : undefined;
  if (typeof value !== 'number') throw new Error(`The test results hold no number ${key}.`);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

// --- Children ---------------------------------------------------------------------------------------------------------

function localTool(file: string): string {
  return path.join(ROOT, 'node_modules', file);
}

/** Runs a script with the Node that runs this one. */
function command(script: string, ...args: string[]): Promise<Tally> {
  return judged(spawnHere(process.execPath, [script, ...args]));
}

function spawnHere(file: string, args: string[]): ChildProcess {
  running = spawn(file, args, { cwd: ROOT, stdio: 'inherit' });
  return running;
}

async function judged(child: ChildProcess): Promise<Tally> {
  const [code] = await once(child, 'exit');
  return code === 0 ? PASSED : FAILED;
}

/** A step ends in its own way, so that servers are stopped and files removed; the steps after it are left out. */
function listenToSignals(): void {
  // A terminal's Ctrl-C reaches the children without our help.
  process.on('SIGINT', () => {
    interruptedBy = 'SIGINT';
  });
  process.on('SIGTERM', () => {
    interruptedBy = 'SIGTERM';
    running?.kill('SIGTERM');
  });
}

function nodeIsRecentEnough(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return true;
  const oldest = OLDEST_NODE.join('.');
  console.error(`The tests need Node ${oldest} or later: start them with \`npm test\`, which brings its own.`);
  process.exitCode = 2;
  return false;
}

/**
 * `npm run demo`: a whole migration on this machine, from the first look to the proof, and then the proof that the proof can
 * fail. Nothing is staged but the data: the server, the plugin and the command line are the real ones.
 *
 * Exit codes: 0 if every check holds, 1 if one does not or the demo could not go on, 129, 130 or 143 after a signal. It ends
 * with `N passed, N failed`, the checks, unless a signal ends it. However it ends, it leaves nothing behind (stage.ts).
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Checks, startChecks } from './checks.ts';
import { memoryBackfill, memoryBackfillInto } from './command-line.ts';
import { differing, expectedCopies, keptCopies, placesOf } from './copies.ts';
import { type Damage, damageCopies } from './damage.ts';
import { listenForTheEnd } from './ending.ts';
import { findingsIn, placesIn } from './files.ts';
import { chapter, counted, list, print, remark, say, type } from './narration.ts';
import { beginningsOf, describePlatform, plantPlatform } from './platform.ts';
import { type Stage, setStage } from './stage.ts';

const FEW = 500;

listenForTheEnd();
await main();

async function main(): Promise<void> {
  const started = performance.now();
  const checks = startChecks();
  try {
    await tell(checks);
    const seconds = Math.round((performance.now() - started) / 1_000);
    say(`That was all of it, in ${seconds} s. The server, the plugin and their files are gone again.`);
  } catch (error) {
    checks.crashed(error);
  }
  print(`${checks.passed()} passed, ${checks.failed()} failed`);
  process.exitCode = checks.failed() === 0 ? 0 : 1;
}

async function tell(checks: Checks): Promise<void> {
  say(
    'A migration, from the first look to the proof. Postgres, the memory plugin and the command line are real; they take seconds to start, and are gone at the end. Ctrl-C ends it at any time.',
  );
  await using stage = await setStage();
  const busiest = await showPlatform(stage);
  await dryRun(stage, checks);
  await applyToFew(stage, checks);
  await applyToAll(stage, checks);
  await verifyCopy(stage, checks);
  const damages = await damageCopy(stage, checks, busiest);
  await verifyDamaged(stage, checks, damages);
  await reportDamaged(stage, checks, damages);
}

// --- The chapters -----------------------------------------------------------------------------------------------------

/** @returns the id of the workspace with the most memories. */
async function showPlatform({ platform, environment }: Stage): Promise<string> {
  chapter('A platform with a past');
  const busiest = await plantPlatform(platform);
  say('A platform lets its agents keep memories in one table of Postgres. By now it holds');
  list(await describePlatform(platform, busiest));
  say('All that has a place in the plugin is to move there. The tool is told where the two are:');
  type(
    `export DATABASE_URL=${environment.DATABASE_URL.replace(/:[^:@]*@/, ':…@')}`,
    `export MEMORY_PLUGIN_URL=${environment.MEMORY_PLUGIN_URL}`,
  );
  print('');
  return busiest;
}

async function dryRun(stage: Stage, checks: Checks): Promise<void> {
  chapter('What would happen?');
  const { code, output } = await memoryBackfill(stage, '--dry-run --plan plan.jsonl');
  checks.equal('exit code 0', code, 0);

  const expected = await expectedCopies(stage.platform);
  const planned = await placesIn(path.join(stage.folder, 'plan.jsonl'));
  const rows = `${counted(expected.size)} rows`;
  checks.printed(`SQL counts the same ${rows}`, output, `${rows} would be copied`);
  checks.equal('the plan sends each of them where SQL would', differing(planned, placesOf(expected)), []);
  checks.equal('the plugin keeps nothing yet', (await keptCopies(stage.plugin)).size, 0);
  remark('Every row is accounted for: it goes to one namespace, or stays behind for a named reason.');
}

async function applyToFew(stage: Stage, checks: Checks): Promise<void> {
  chapter('A few rows first');
  const { code, output } = await memoryBackfill(stage, `--apply --limit ${FEW}`);
  checks.equal('exit code 0', code, 0);

  const oldest = await expectedCopies(stage.platform, FEW);
  checks.printed(`it says that it wrote ${FEW} rows`, output, `${FEW} rows written`);
  checks.equal('the plugin keeps just the oldest', differing(await keptCopies(stage.plugin), oldest), []);
  remark('The 404s are questions: a namespace is made only where the plugin says that it is missing.');
}

async function applyToAll(stage: Stage, checks: Checks): Promise<void> {
  chapter('Now all of them');
  const { code, output } = await memoryBackfill(stage, '--apply');
  checks.equal('exit code 0', code, 0);

  const expected = await expectedCopies(stage.platform);
  const rows = `${counted(expected.size)} rows`;
  checks.printed(`it says that it wrote ${rows}`, output, `${rows} written`);
  checks.equal('the plugin keeps them all, and no other', differing(await keptCopies(stage.plugin), expected), []);
  remark(`The first ${FEW} were written again, each under its own id: repeating an apply doubles nothing.`);
}

async function verifyCopy(stage: Stage, checks: Checks): Promise<void> {
  chapter('Is the copy right?');
  const { code, output } = await memoryBackfill(stage, '--verify --verify-sample all');
  checks.equal('exit code 0: the platform may switch over', code, 0);

  const expected = await expectedCopies(stage.platform);
  const rows = `all ${counted(expected.size)} rows`;
  checks.printed(`it says that ${rows} are equal`, output, `EQUAL: ${rows} `);
  remark('Each row was found where it belongs, by searches that show 100 at the most.');
}

async function damageCopy(stage: Stage, checks: Checks, busiest: string): Promise<Damage[]> {
  chapter('Somebody breaks the copy');
  const damages = await damageCopies(stage.plugin, busiest);
  const differs = differing(await keptCopies(stage.plugin), await expectedCopies(stage.platform));

  say("Would it have noticed? Straight in the plugin's database, behind its back, six memories are now");
  list(damages.map(({ what, id, how }) => [what, id, how]));
  checks.equal('SQL sees the six, and no other', differs, idsOf(damages));
  remark('The one that was moved is a leak: what one workspace kept to itself, its whole team now reads.');
  return damages;
}

async function verifyDamaged(stage: Stage, checks: Checks, damages: readonly Damage[]): Promise<void> {
  chapter('Is the copy still right?');
  const { code, output } = await memoryBackfill(stage, '--verify --verify-sample all');
  checks.equal('exit code 1: the platform must not switch over', code, 1);

  checks.printed('it names the six', output, ...idsOf(damages));
  checks.printed('it says that six rows differ', output, 'NOT EQUAL: 6 rows ');
  remark('Each of the six is named, with where it belongs and what is wrong with it.');
}

async function reportDamaged(stage: Stage, checks: Checks, damages: readonly Damage[]): Promise<void> {
  chapter('The same for a machine');
  const { code, file } = await memoryBackfillInto('report.json', stage, '--verify --verify-sample all --json');
  checks.equal('exit code 1', code, 1);

  const found = await findingsIn(file);
  const caused = new Map(damages.map(({ id, finding }) => [id, finding]));
  const report = await readFile(file, 'utf8');
  const quoted = (await beginningsOf(stage.platform, idsOf(damages))).filter((text) => report.includes(text));
  checks.equal('the file names the six, each by what was done to it, and no other', found, caused);
  checks.equal('the file holds no text of theirs', quoted, []);
  remark('So a pipeline guards a cutover: the exit code stops it, and the file can be kept anywhere.');
}

function idsOf(damages: readonly Damage[]): string[] {
  return damages.map(({ id }) => id).sort();
}

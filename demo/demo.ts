/**
 * `npm run demo`: a whole migration on this machine, from the first look to the proof, and then the proof that the proof can
 * fail. Nothing is staged but the data: the server, the plugin and the command line are the real ones.
 *
 * Exit codes: 0 if every check holds, 1 if one does not or the demo could not go on, 129, 130 or 143 after a signal. It ends
 * with `N passed, N failed`, the checks, unless a signal ends it. However it ends, it leaves nothing behind (stage.ts).
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { MOST_UNRECORDED } from '../src/run/recorder.ts';
import { type Checks, startChecks } from './checks.ts';
import { memoryBackfill, memoryBackfillInto, memoryBackfillKilled } from './command-line.ts';
import {
  differing,
  expectedCopies,
  keptCopies,
  lastWrites,
  placesOf,
  traces,
  type Writes,
  writtenSince,
} from './copies.ts';
import { type Damage, damageCopies } from './damage.ts';
import { listenForTheEnd } from './ending.ts';
import { findingsIn, placesIn } from './files.ts';
import { lastEntry, newestRun, recordedPlaces, untilNobodyWrites, untilRecorded } from './ledger.ts';
import { chapter, counted, list, print, remark, say, type } from './narration.ts';
import { beginningsOf, describePlatform, editOne, plantPlatform, skippedRows } from './platform.ts';
import { type Stage, setStage } from './stage.ts';

const FEW = 500;
/** Recorded copies at which the second apply is killed: it has begun, and is far from its end. */
const ON_THE_WAY = 3_500;

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
  await preflight(stage, checks);
  await dryRun(stage, checks);
  await applyToFew(stage, checks);
  const recorded = await dieOnTheWay(stage, checks);
  await goOn(stage, checks, recorded);
  await askAboutOne(stage, checks);
  await verifyCopy(stage, checks);
  const damages = await damageCopy(stage, checks, busiest);
  await verifyDamaged(stage, checks, damages);
  await reportDamaged(stage, checks, damages);
  await repairCopy(stage, checks, damages);
  await proveInWriting(stage, checks);
  await checkBeforeTheEnd(stage, checks);
}

// --- The chapters -----------------------------------------------------------------------------------------------------

/** @returns the id of the workspace with the most memories. */
async function showPlatform({ platform, environment }: Stage): Promise<string> {
  chapter('A platform with a past');
  const busiest = await plantPlatform(platform);
  say('A platform lets its agents keep memories in one table of Postgres. By now it holds');
  list(await describePlatform(platform, busiest));
  say('All that has a place in the plugin is to move there. The tool is told where the two are:');
  const exported = Object.entries(environment).map(([name, url]) => `export ${name}=${withoutPassword(url)}`);
  type(...exported);
  remark(
    'It may read the platform and do nothing else there: so the ledger, its record of what became of each memory, gets a database of its own.',
  );
  return busiest;
}

async function preflight(stage: Stage, checks: Checks): Promise<void> {
  chapter('Is the plugin really able to take this?');
  const { code, output } = await memoryBackfill(stage, '--preflight');
  checks.equal('exit code 0: nothing blocks', code, 0);

  checks.printed('it says so', output, 'READY');
  checks.equal('SQL finds no trace of it in the plugin', await traces(stage.plugin), { memories: 0, namespaces: 0 });
  remark('It tried everything that a copy needs in a namespace of its own, and has removed that again.');
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
  checks.equal('the ledger has those', differing(await recordedPlaces(stage.ledger), placesOf(oldest)), []);
  remark('The 404s are questions: a namespace is made only where the plugin says that it is missing.');
}

/** @returns the last writes of the copies that were recorded when the run had died. */
async function dieOnTheWay(stage: Stage, checks: Checks): Promise<Writes> {
  chapter('Now all of them, and somebody pulls the plug');
  const before = await lastWrites(stage.plugin);
  const { signal } = await memoryBackfillKilled(stage, '--apply', (ended) =>
    untilRecorded(stage.ledger, ON_THE_WAY, ended),
  );
  await untilNobodyWrites(stage.ledger);

  const expected = await expectedCopies(stage.platform);
  const writes = await lastWrites(stage.plugin);
  const places = await recordedPlaces(stage.ledger);
  const unrecorded = writes.size - places.size;
  const misplaced = differing(places, new Map([...placesOf(expected)].filter(([id]) => places.has(id))));
  const unfounded = [...places.keys()].filter((id) => !writes.has(id));
  say('What it left behind, by SQL:');
  list([
    [writes.size, `memories in the plugin, of ${counted(expected.size)} that are to be there`],
    [places.size, 'of them in the ledger'],
    [unrecorded, 'sent, and not yet written down'],
  ]);
  checks.equal('it died on its way', signal, 'SIGKILL');
  checks.equal(`those ${FEW} that were recorded before were not sent again`, writtenSince(before, writes), []);
  checks.equal('whatever the ledger has is in the plugin, and where it belongs', [...misplaced, ...unfounded], []);
  checks.equal(`at most ${MOST_UNRECORDED} rows are there without a record`, unrecorded <= MOST_UNRECORDED, true);
  remark('A row is written down once the plugin has acknowledged it, and never before.');
  return new Map([...writes].filter(([id]) => places.has(id)));
}

async function goOn(stage: Stage, checks: Checks, recorded: Writes): Promise<void> {
  chapter('The same command once more');
  const { code, output } = await memoryBackfill(stage, '--apply');
  checks.equal('exit code 0', code, 0);

  const expected = await expectedCopies(stage.platform);
  const missing = expected.size - recorded.size;
  const { sent, found } = await newestRun(stage.ledger);
  const again = writtenSince(recorded, await lastWrites(stage.plugin));
  checks.printed('it says how many were recorded before', output, `${counted(recorded.size)} recorded`);
  checks.equal(`not one of those ${counted(recorded.size)} was sent again`, again, []);
  checks.equal(`it took care of the other ${counted(missing)}, and of no more`, sent + found, missing);
  checks.equal(
    'the plugin keeps all, each once, and no other',
    differing(await keptCopies(stage.plugin), expected),
    [],
  );
  checks.equal('the ledger has all', differing(await recordedPlaces(stage.ledger), placesOf(expected)), []);
  remark(
    'There is no mode for going on: an apply sends what the ledger does not have. What may have been sent without a record is looked for in the plugin first.',
  );
}

async function askAboutOne(stage: Stage, checks: Checks): Promise<void> {
  chapter('What happened to this one?');
  const { memory, run, namespace } = await lastEntry(stage.ledger);
  const { code, output } = await memoryBackfill(stage, `--status ${memory}`);
  checks.equal('exit code 0', code, 0);

  checks.printed('it names the run, and the namespace to which that copied it', output, run, namespace);
  remark('The answer is a row in a table: it is there tomorrow, and it holds no word of the memory itself.');
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
  checks.printed('it says what they come to, the leak first', output, 'NOT EQUAL: 1 leak, 3 missing, ');
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

async function repairCopy(stage: Stage, checks: Checks, damages: readonly Damage[]): Promise<void> {
  chapter('Mend it, from that file');
  say(
    'An apply would leave the six alone: its ledger has them as copied, and what became of them since may be what somebody wanted. So mending is asked for, by name.',
  );
  const { code, output } = await memoryBackfill(stage, '--apply --repair report.json --include-acknowledged');
  checks.equal('exit code 0', code, 0);

  const differs = differing(await keptCopies(stage.plugin), await expectedCopies(stage.platform));
  checks.printed(`it says that it mended ${damages.length}`, output, `${damages.length} `);
  checks.equal('SQL sees no difference any more', differs, []);
  remark('Each row was looked at again, in the source and in the plugin, just before it was sent.');
}

async function proveInWriting(stage: Stage, checks: Checks): Promise<void> {
  chapter('Prove it again, in writing');
  const { code, file } = await memoryBackfillInto(
    'proof.txt',
    stage,
    '--verify --verify-sample all --no-content --receipt receipt.json',
  );
  checks.equal('exit code 0', code, 0);
  print(await lastLine(file));

  const skipped = await skippedRows(stage.platform);
  const check = await memoryBackfill(stage, `--check-receipt receipt.json --accept-skipped ${skipped}`);
  checks.equal('the receipt holds: the line before the table is dropped exits with 0', check.code, 0);
  remark(`The ${skipped} rows that have no place are named by their number: nobody drops them without having said so.`);
}

async function checkBeforeTheEnd(stage: Stage, checks: Checks): Promise<void> {
  chapter('And if somebody wrote to the old table since?');
  say('One memory gets a full stop.');
  await editOne(stage.platform);
  const skipped = await skippedRows(stage.platform);
  const { code, output } = await memoryBackfill(stage, `--check-receipt receipt.json --accept-skipped ${skipped}`);
  checks.equal('exit code 1: the table must not be dropped', code, 1);

  checks.printed('it says so', output, 'REFUSED');
  remark('The receipt is of the source as it was, down to the last byte of every row.');
}

async function lastLine(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trimEnd().split('\n').at(-1) ?? '';
}

function idsOf(damages: readonly Damage[]): string[] {
  return damages.map(({ id }) => id).sort();
}

function withoutPassword(url: string): string {
  return url.replace(/:[^:@]*@/, ':…@');
}

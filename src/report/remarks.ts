/**
 * What stands beside the verdict of a verify, in sentences: how sure a sample is, where leaks were looked for, what is not known,
 * what was let pass. The same in every form of the report.
 */
import type { Report } from '../model/run.ts';
import type { VerifyResult } from '../model/verify.ts';
import { count, counted, duration, percentAtMost, shellWord } from './format.ts';

export function remarks(result: VerifyResult, report: Report): string[] {
  const sentences = [
    sample(result),
    again(result),
    seedMemory(result),
    hunt(result),
    copies(result),
    absence(result),
    accepted(result),
    vanished(result),
    timeUp(result, report),
    moved(result),
  ];
  return sentences.filter((sentence) => sentence !== '');
}

/** How sure a sample is of all that it was drawn from; empty where nothing was drawn by lot. */
function sample({ seed, population, workspaces, confidence }: VerifyResult): string {
  if (seed === null) return '';
  const { sampled, matches } = workspaces;
  const drawn = `${count(sampled)} of ${counted(population, 'workspace')}`;
  if (confidence === null) {
    return sampled < population
      ? `${drawn} drawn by lot, which proves nothing of the others.`
      : `${drawn} drawn by lot.`;
  }
  const { level, fewerThan, wouldProve } = confidence;
  const isClean = matches === sampled;
  const clean = isClean ? 'all clean' : `${count(sampled - matches)} not clean`;
  const sure = `with ${percentAtMost(level)} confidence fewer than ${count(fewerThan)} of ${isClean ? 'them' : 'all'}`;
  const more =
    wouldProve === null
      ? ''
      : `; ${count(wouldProve.sample)}${isClean ? '' : ', all clean,'} would prove fewer than ${wouldProve.percent} %`;
  return `${drawn}, ${clean}: ${sure} (${percentAtMost(fewerThan / population)}) have a mismatch${more}.`;
}

function again({ seed }: VerifyResult): string {
  return seed === null ? '' : `--seed ${shellWord(seed)} draws the same sample again.`;
}

function seedMemory({ seedMemory: memory, seed }: VerifyResult): string {
  if (memory.seed === 'failed') {
    return `This seed drew the sample of a verify that failed on ${moment(memory.at)}; after repairs it proves nothing: take another seed, or all.`;
  }
  if (memory.seed === 'fresh' || seed === null) return '';
  return 'Whether a verify with this seed has failed before is not known, for want of a ledger: after one, and repairs, this sample proves nothing.';
}

/** To the minute. */
function moment(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}

function hunt({ hunt: { listed, probed, uncovered, known, finished, rows } }: VerifyResult): string {
  if (known === 0) return '';
  const covered = listed + probed;
  const where =
    covered === known
      ? `all ${counted(known, 'namespace')}`
      : `${count(covered)} of the ${counted(known, 'namespace')}`;
  const words = rows.probed > 0 ? ` of ${counted(rows.probed, 'row')}` : '';
  const ways = [
    listed > 0 ? `${count(listed)} listed whole` : '',
    probed > 0 ? `${count(probed)} too full for that, by the words${words}` : '',
  ].filter((way) => way !== '');
  const said = ways.length === 0 ? '' : `: ${ways.join(', ')}`;
  const blind = [
    finished ? '' : 'It was cut off before its end.',
    uncovered > 0 ? `${count(uncovered)} could not be covered.` : '',
    rows.unsearchable > 0
      ? `${counted(rows.unsearchable, 'row')} could not be looked for in all of the full ones.`
      : '',
  ].filter((sentence) => sentence !== '');
  return [`Copies that belong elsewhere were looked for in ${where} that the plugin may hold${said}.`, ...blind].join(
    ' ',
  );
}

function copies({ rows }: VerifyResult): string {
  if (rows.copiesUnseen === 0) return '';
  return `${counted(rows.copiesUnseen, 'row')} of full namespaces ${rows.copiesUnseen === 1 ? 'is' : 'are'} in place, but search cannot show whether a copy stands beside ${rows.copiesUnseen === 1 ? 'it' : 'them'}.`;
}

function absence({ rows }: VerifyResult): string {
  if (rows.absenceUnproven === 0) return '';
  return `Of the skipped rows, ${count(rows.absenceUnproven)} could neither be found in the plugin nor be shown to be absent: search does not reach them.`;
}

function accepted({ acceptedFindings }: VerifyResult): string {
  if (acceptedFindings === 0) return '';
  return `${counted(acceptedFindings, 'finding')} known by text alone ${acceptedFindings === 1 ? 'was' : 'were'} let pass by --accept.`;
}

function vanished({ rows }: VerifyResult): string {
  return rows.vanished === 0 ? '' : `${counted(rows.vanished, 'row')} deleted from the source meanwhile.`;
}

function timeUp({ workspaces, rows }: VerifyResult, report: Report): string {
  if (!report.timeUp) return '';
  const reached = workspaces.sampled - workspaces.unchecked;
  return `The time of --max-duration was up after ${duration(report.durationMs)}: ${count(reached)} of ${counted(workspaces.sampled, 'workspace')} and ${counted(rows.compared, 'row')} were compared by then.`;
}

function moved({ snapshot }: VerifyResult): string {
  return snapshot?.moved ? 'The source changed during the verify: its receipt will not pass.' : '';
}

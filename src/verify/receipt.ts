/** What speaks against a receipt, by itself and held against the source as it is now: a sentence for each reason, all of them. */
import { sum } from '../model/counts.ts';
import { algorithmWith, isWhole, MOST_UNPROVEN, type Receipt } from '../model/receipt.ts';
import type { SourceSnapshot } from '../model/verify.ts';

/** On which terms the operator takes a receipt. */
export interface Terms {
  /** Null for none. */
  key: string | null;
  /** Less than everything is enough: a verify of a sample, or of one workspace, or one that could not look everywhere for copies. */
  acceptSample: boolean;
  /** How many rows the verify must have skipped: exactly so many. */
  acceptSkipped: number;
  /** How many rows may be unproven. */
  allowUnproven: number;
  /** Milliseconds: the receipt must be younger. */
  maxAgeMs: number;
}

type Place = Receipt['source'];

/** The source as it is now. */
export interface Present extends Place {
  snapshot: SourceSnapshot;
  /** Milliseconds since 1970, by the database's clock, after the snapshot was taken. */
  clock: number;
}

/** What it says itself that it must not say. */
export function againstItself(receipt: Receipt, terms: Terms): string[] {
  return [
    seal(receipt, terms.key),
    disparity(receipt),
    contradiction(receipt),
    coverage(receipt, terms.acceptSample),
    blindSpots(receipt, terms.acceptSample),
    skipped(receipt, terms.acceptSkipped),
    unproven(receipt, terms.allowUnproven),
    motion(receipt),
  ].filter((reason) => reason !== null);
}

/** @param url of the plugin that is to take the old table's place, written as a verify writes it; null where nobody says */
export function againstPlugin({ plugin }: Receipt, url: string | null): string[] {
  if (url === null || plugin.url === url) return [];
  return [`It is of another plugin: ${plugin.url}; and MEMORY_PLUGIN_URL names ${url}.`];
}

/** What has become of the source since. */
export function againstNow(receipt: Receipt, present: Present, { maxAgeMs }: Terms): string[] {
  return [
    otherSource(receipt, present),
    otherContents(receipt.snapshot, present.snapshot),
    age(ageOf(receipt, present), maxAgeMs),
  ].filter((reason) => reason !== null);
}

// --- The receipt by itself --------------------------------------------------------------------------------------------

function seal(receipt: Receipt, key: string | null): string | null {
  if (isWhole(receipt, key)) return null;
  if (key !== null && receipt.algorithm !== algorithmWith(key)) {
    return 'It was made without a key, as anybody could have made it, and MEMORY_BACKFILL_RECEIPT_KEY is set.';
  }
  const otherwise = key === null ? '' : ', or was made with another key than that in MEMORY_BACKFILL_RECEIPT_KEY';
  return `Its digest does not fit what it says: it has been changed${otherwise}.`;
}

function disparity({ verdict, exitCode, snapshot }: Receipt): string | null {
  if (verdict === 'parity') return null;
  return exitCode === 0
    ? `Its verify proved nothing: it compared no row, and the source held ${counted(snapshot.rows, 'row')}.`
    : `Its verify did not prove parity: it ended with exit code ${exitCode}.`;
}

/**
 * A receipt that says parity, and counts what cannot be where there is parity: whatever wrote it is not to be trusted. The first
 * such thing is told.
 */
function contradiction(receipt: Receipt): string | null {
  if (receipt.verdict !== 'parity') return null;
  const what = againstParity(receipt) ?? (isFull(receipt) && !receipt.snapshot.moved ? againstFull(receipt) : null);
  return what && `It contradicts itself: it says parity, and ${what}.`;
}

/** What no verify with exit code 0 counts, whatever it was asked. */
function againstParity({ workspaces, rows, hunt, findings, unproven, allowUnproven, ...told }: Receipt): string | null {
  const { exitCode, snapshot, acceptedFindings } = told;
  const differing = sum(findings) - findings.unproven;
  const unchecked = workspaces.errors + workspaces.unchecked;
  // A row without a finding matches; and of those that were found here, each is unproven, or was accepted.
  const lost = rows.compared - rows.matched - findings.unproven - acceptedFindings;
  if (exitCode !== 0) return `exit code ${exitCode}`;
  if (differing > 0) return `counts ${counted(differing, 'row')} with findings`;
  if (workspaces.mismatches > 0) return `counts ${counted(workspaces.mismatches, 'workspace')} with a mismatch`;
  if (unchecked > 0) return `counts ${counted(unchecked, 'workspace')} as not checked`;
  if (!hunt.finished) return 'did not come to the end of its search for copies that belong elsewhere';
  if (findings.unproven > (allowUnproven ?? 0)) return 'lets pass more unproven rows than it was allowed to';
  if (unproven.length !== Math.min(findings.unproven, MOST_UNPROVEN)) return 'does not name what it could not settle';
  if (rows.matched > rows.compared || lost > 0)
    return `says of ${rows.matched} of ${counted(rows.compared, 'row')} that they match`;
  if (rows.compared === 0 && snapshot.rows > 0)
    return `compared none of the ${counted(snapshot.rows, 'row')} that the source held`;
  return null;
}

/** What a verify of everything cannot have counted of a source that stayed as it was. */
function againstFull({ workspaces, rows, snapshot }: Receipt): string | null {
  const accounted = rows.compared + sum(rows.skipped);
  if (accounted !== snapshot.rows) {
    return `accounts for ${accounted} of the ${counted(snapshot.rows, 'row')} that the source held`;
  }
  if (workspaces.sampled === snapshot.workspaces) return null;
  return `accounts for ${workspaces.sampled} of the ${counted(snapshot.workspaces, 'workspace')} that the source held`;
}

function coverage(receipt: Receipt, acceptSample: boolean): string | null {
  if (acceptSample || isFull(receipt)) return null;
  const { asked, workspaces, population } = receipt;
  const what =
    asked.workspace === null
      ? `a sample, of ${workspaces.sampled} of ${counted(population, 'workspace')}`
      : `one workspace, ${asked.workspace}`;
  return `Its verify was of ${what}, and not of everything: --accept-sample lets that pass.`;
}

/** Namespaces in which a copy that belongs elsewhere could stand, and nobody would have seen it. */
function blindSpots(receipt: Receipt, acceptSample: boolean): string | null {
  const { known, listed, probed } = receipt.hunt;
  const unseen = known - listed - probed;
  if (acceptSample || !isFull(receipt) || unseen <= 0) return null;
  return `Its verify could not see whether ${unseen} of ${counted(known, 'namespace')} ${unseen === 1 ? 'holds' : 'hold'} copies that belong elsewhere: --accept-sample lets that pass.`;
}

function isFull({ asked }: Receipt): boolean {
  return asked.workspace === null && asked.sample === 'all';
}

function skipped(receipt: Receipt, acceptSkipped: number): string | null {
  const found = sum(receipt.rows.skipped);
  if (found === acceptSkipped) return null;
  return `Its verify skipped ${counted(found, 'row')}, and --accept-skipped says ${acceptSkipped}: it must be the same number.`;
}

function unproven({ findings }: Receipt, allowed: number): string | null {
  if (findings.unproven <= allowed) return null;
  return `Search could not settle ${counted(findings.unproven, 'row')}, and --allow-unproven says ${allowed}.`;
}

function motion({ snapshot }: Receipt): string | null {
  if (!snapshot.moved) return null;
  return 'The source was changed while the verify was under way, so that what was compared is not what is told of it.';
}

// --- The receipt against the source as it is now ----------------------------------------------------------------------

function otherSource({ source }: Receipt, now: Place): string | null {
  if (source.address === now.address && source.schema === now.schema) return null;
  return `It is of another source: ${place(source)}; and DATABASE_URL leads to ${place(now)}.`;
}

function place({ address, schema }: Place): string {
  return `${address}, schema ${schema}`;
}

/** The first half of the digest is of the rows, the second of the workspaces. */
function otherContents(then: SourceSnapshot, now: SourceSnapshot): string | null {
  if (then.rows === now.rows && then.workspaces === now.workspaces && then.digest === now.digest) return null;
  const half = then.digest.length / 2;
  const rowsDiffer = then.digest.slice(0, half) !== now.digest.slice(0, half);
  const workspacesDiffer = then.digest.slice(half) !== now.digest.slice(half);
  const changes = [
    then.rows !== now.rows && `it had ${counted(then.rows, 'row')}, and has ${now.rows} now`,
    then.rows === now.rows && rowsDiffer && 'memories were changed, or others have taken their place',
    then.workspaces !== now.workspaces &&
      `it had ${counted(then.workspaces, 'workspace')}, and has ${now.workspaces} now`,
    then.workspaces === now.workspaces &&
      workspacesDiffer &&
      'the id, the parent or the status of workspaces was changed',
  ].filter((change) => change !== false);
  return `The source is not what was compared: ${changes.join('; ')}. Copy what is new, and verify again.`;
}

/** Milliseconds since the verify began; negative where that is yet to come. */
export function ageOf({ snapshot }: Receipt, { clock }: Present): number {
  return clock - Date.parse(snapshot.at);
}

function age(ageMs: number, maxAgeMs: number): string | null {
  if (ageMs < 0)
    return "It is of a time that is yet to come, by the database's clock: that clock was set back, or is another.";
  if (ageMs < maxAgeMs) return null;
  return `It is ${time(ageMs)} old, and --max-age asks for less than ${time(maxAgeMs)}: verify again.`;
}

// --- Words ------------------------------------------------------------------------------------------------------------

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** 90061000 → 25 h 1 min 1 s */
function time(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [seconds % 60, 's'],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return told.length > 0 ? told.join(' ') : '0 s';
}

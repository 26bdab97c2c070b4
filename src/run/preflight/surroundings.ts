/** What a copy needs beside a plugin that works: a version that is understood, rows, a ledger, and clocks that agree. */
import type { PluginFacts, SourceFacts } from '../../model/run.ts';
import type { RunContext } from '../context.ts';
import { planRows } from '../planning.ts';
import { type Check, type Finding, failed, orError, passed, unasked } from './check.ts';
import type { Trial } from './trial.ts';

/** What the rows that are to be copied add up to. */
export interface RowCounts {
  rows: number;
  /** UTF-8 bytes of their content. */
  bytes: number;
  namespaces: number;
}

/** Milliseconds by which clocks may differ. */
const CLOCKS_AGREE = 5_000;

export function serviceChecks({ status, version }: PluginFacts): Check[] {
  return [
    {
      name: 'health',
      grade: 'warns',
      find: async () =>
        status === 'ok'
          ? passed('The plugin calls itself ok.')
          : failed('The plugin calls itself degraded: something about it is impaired.'),
    },
    { name: 'version', grade: 'blocks', find: async () => versionFinding(version) },
  ];
}

/** The first number in it counts, since plugins have been seen to put a word before it. */
function versionFinding(version: string): Finding {
  const [major] = /\d+/.exec(version) ?? [];
  if (major === undefined) return failed(`The plugin's version, "${version}", has no number in it: 1.x is needed.`);
  return major === '1'
    ? passed(`The plugin's version is ${version}.`)
    : failed(`The plugin's version is ${version}, and this tool speaks 1.x.`);
}

export function sourceChecks(context: RunContext, source: SourceFacts, counted: (counts: RowCounts) => void): Check[] {
  async function rows(): Promise<Finding> {
    const selected = await planRows(context, { order: 'oldest-first' }, { propagation: false, embedding: false });
    const namespaces = new Set<string>();
    const skipped = new Map<string, number>();
    let [read, rows, bytes] = [0, 0, 0];
    for await (const { planned, vanished } of selected.pages()) {
      for (const row of planned) {
        if (row.verdict === 'skip') {
          skipped.set(row.reason, (skipped.get(row.reason) ?? 0) + 1);
          continue;
        }
        rows++;
        bytes += Buffer.byteLength(row.content);
        namespaces.add(row.namespace.name);
      }
      read += planned.length + vanished.length;
      context.observer.progress(read, selected.total, 'rows');
      if (context.stop.aborted) return unasked('This run was told to stop before it had read all rows.');
    }
    counted({ rows, bytes, namespaces: namespaces.size });
    const left = [...skipped].map(([reason, times]) => `${number(times)} ${reason}`);
    const skips = left.length === 0 ? 'none would be skipped' : `skipped would be: ${left.join(', ')}`;
    return passed(
      `${number(rows)} of ${number(read)} rows would be copied, to ${number(namespaces.size)} namespaces; ${skips}.`,
    );
  }

  return [
    { name: 'source', grade: 'blocks', find: async () => passed(shapeSentence(source)) },
    { name: 'rows', grade: 'blocks', find: () => orError(rows) },
  ];
}

function shapeSentence({ schema, hasEmbedding, hasTag }: SourceFacts): string {
  const columns = [
    hasTag ? 'a column "namespace"' : 'no column "namespace"',
    hasEmbedding ? 'a column "embedding"' : 'no column "embedding"',
  ];
  return `The tables are in the schema "${schema}" and can be read; agent_memories has ${columns.join(' and ')}.`;
}

/** Whether the ledger can be kept: it exists and can be written, or could be made. It may throw RunError. */
export type CheckLedger = () => Promise<{ ok: true } | { ok: false; sentence: string }>;

export function ledgerChecks(checkLedger: CheckLedger): Check[] {
  const find = () =>
    orError(async () => {
      const checked = await checkLedger();
      return checked.ok ? passed('A ledger can be kept.') : failed(checked.sentence);
    });
  return [{ name: 'ledger', grade: 'blocks', find }];
}

/** @param databaseClock milliseconds since 1970 by the database's clock; it may throw RunError `source` */
export function clockChecks(trial: Trial, databaseClock: () => Promise<number>): Check[] {
  async function clocks(): Promise<Finding> {
    const from = trial.now();
    const there = await databaseClock();
    const to = trial.now();
    const database = { whose: "The database's clock", aheadMs: there - (from + to) / 2, uncertainMs: (to - from) / 2 };
    const plugin = trial.clock && { whose: "The plugin's clock", ...trial.clock };

    const off = [database, plugin].filter((clock) => clock !== null).filter(isOff);
    if (off.length > 0)
      return failed(`${off.map(difference).join('; ')}: times of creation and expiry differ by as much.`);
    if (!plugin) return unasked("The database's clock agrees with this machine's; the plugin's could not be read.");
    return passed("The database's clock and the plugin's agree with this machine's to within 5 s.");
  }

  return [{ name: 'clocks', grade: 'warns', find: () => orError(clocks) }];
}

function isOff({ aheadMs, uncertainMs }: { aheadMs: number; uncertainMs: number }): boolean {
  return Math.abs(aheadMs) - uncertainMs > CLOCKS_AGREE;
}

function difference({ whose, aheadMs }: { whose: string; aheadMs: number }): string {
  const direction = aheadMs > 0 ? 'ahead of' : 'behind';
  return `${whose} is ${number(Math.abs(aheadMs) / 1_000)} s ${direction} this machine's`;
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

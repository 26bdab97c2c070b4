/**
 * Puts a run together: for each mode, the parts that it needs and no others. With parts.ts, which opens them, this is the one place
 * where the source, the plugin and the ledger meet.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { openArchive } from '../ledger/archive.ts';
import { checkLedger } from '../ledger/check.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { memoryLedger } from '../ledger/memory-ledger.ts';
import { openLedger, readLedger } from '../ledger/postgres-ledger.ts';
import { openVerifyLedger, type VerifyLedger } from '../ledger/verify-ledger.ts';
import { RunError } from '../model/errors.ts';
import type { Pair } from '../model/ledger.ts';
import type { Result, SourceFacts } from '../model/run.ts';
import type { Mode } from '../model/settings.ts';
import { apply } from '../run/apply.ts';
import { checkReceipt } from '../run/check-receipt.ts';
import type { Ended, Observer } from '../run/context.ts';
import { dryRun } from '../run/dry-run.ts';
import { preflight, quickCheck } from '../run/preflight.ts';
import { repair } from '../run/repair.ts';
import { rollback } from '../run/rollback.ts';
import { status } from '../run/status.ts';
import { verify } from '../run/verify.ts';
import { type Account, parts, type RunInput, redacted, required } from './parts.ts';
import { planFile } from './plan-file.ts';
import { readReport } from './read-report.ts';
import { readReceipt } from './receipt-file.ts';

const NEVER = new AbortController().signal;

export interface Run extends Account {
  mode(): Promise<Ended<Result>>;
}

export function compose(input: RunInput): Run {
  const { options, tool, stop } = input;
  const { account, sending, times, openSource, openEnds, openEvents, access, kept, lock } = parts(input);
  const modes: Record<Mode, () => Promise<Ended<Result>>> = {
    preflight: runPreflight,
    'dry-run': runDryRun,
    apply: runApply,
    verify: runVerify,
    status: runStatus,
    rollback: runRollback,
    'check-receipt': runCheckReceipt,
  };

  return { mode: () => modes[options.mode](), ...account };

  async function runPreflight() {
    const { context, ends, tools } = await openEnds();
    const { ledger } = options;
    return await preflight(context, ends, {
      ...tools,
      databaseClock: () => context.source.clock(),
      checkLedger: async () => (ledger ? await checkLedger({ ...ledger, stop }) : { ok: true }),
    });
  }

  async function runDryRun() {
    const mending = await readMending();
    const { context, ends, pair } = await openEnds();
    const found = options.ledger ? await readLedger(access(options.ledger, pair, stop)) : null;
    const ledger = kept(found ?? memoryLedger(pair));
    if (mending) return await repair(context, ends, { ...mending, ledger, acting: null });
    const plan = options.planFile === null ? null : await planFile(options.planFile);
    const ended = await dryRun(context, ends, ledger, plan);
    if (ended.error || stop.aborted) {
      plan?.abandon();
      return { ...ended, result: { ...ended.result, planFile: null } };
    }
    await plan?.finish();
    return ended;
  }

  async function runApply() {
    const mending = await readMending();
    const events = await openEvents();
    const { context, ends, tools, pair } = await openEnds(events);
    const ledger = kept(options.ledger ? await openLedger(access(options.ledger, pair, NEVER)) : memoryLedger(pair));
    const { maySend } = await lock(ledger, context.observer);
    const { actor, resume, maxChanges, maxFailures } = options;
    const checkPlugin = () => quickCheck(tools, ends.plugin, stop);
    const acting = { actor, toolVersion: tool.version, events, maxFailures, maySend, checkPlugin };
    if (mending) return await repair(context, ends, { ...mending, ledger, acting });
    const ordered = !options.unordered;
    return await apply(context, ends, { ...acting, ledger, resume, maxChanges, times, senders: sending, ordered });
  }

  /** What `--repair` is to mend from; null where it was not given. */
  async function readMending() {
    if (!options.repair) return null;
    const { file, includeAcknowledged } = options.repair;
    return { report: await readReport(file), includeAcknowledged };
  }

  async function runVerify() {
    const { context, ends, pair } = await openEnds();
    const key = randomBytes(32);
    const digestOf = (content: string) => createHmac('sha256', key).update(content, 'utf8').digest('hex');
    return await verify(context, ends, {
      ...options,
      takeSnapshot: options.files.receipt !== null,
      digestOf,
      ledger: await ledgerToAsk(pair, context.observer),
    });
  }

  /** A verify does without a ledger that there is not, or that it cannot read. After the operator's signal it has still to be told of a failed seed. */
  async function ledgerToAsk(pair: Pair, { notice }: Observer): Promise<VerifyLedger | null> {
    if (!options.ledger) return null;
    try {
      const ledger = await openVerifyLedger(access(options.ledger, pair, NEVER));
      return ledger && kept(ledger);
    } catch (error) {
      if (!(error instanceof RunError) || stop.aborted) throw error;
      notice(`${error.message} The verify does not depend on the ledger, and goes on without.`);
      return null;
    }
  }

  async function runStatus() {
    const ledger = required(options.ledger);
    const archive = kept(await openArchive({ ...ledger, stop }));
    return { result: await status(archive, options.subject), error: null };
  }

  async function runRollback() {
    const events = await openEvents();
    const { context, ends, pair } = await openEnds(events);
    const { actor, yes: act } = options;
    const request = { of: required(options.subject), act, actor, toolVersion: tool.version, events };
    const ledger = kept(await ledgerToUndo(pair, act));
    const { maySend } = act ? await lock(ledger, context.observer) : { maySend: () => undefined };
    return await rollback(context, ends, { ...request, ledger, maySend });
  }

  async function runCheckReceipt() {
    const { databaseUrl, pluginUrl, ...asked } = required(options.receiptCheck);
    const { receiptKey: key } = options;
    const receipt = await readReceipt(asked.file, key !== null);
    const found = (source: SourceFacts) => {
      account.facts.source = source;
    };
    const allowUnproven = options.allowUnproven ?? 0;
    return await checkReceipt({
      ...asked,
      source: openSource({ databaseUrl }),
      pluginUrl: pluginUrl && redacted(pluginUrl),
      stop,
      receipt,
      key,
      allowUnproven,
      found,
    });
  }

  /** The dry form leaves the ledger as it is, be it of an earlier version. */
  async function ledgerToUndo(pair: Pair, act: boolean): Promise<Ledger> {
    const ledger = required(options.ledger);
    if (act) return await openLedger(access(ledger, pair, NEVER));
    const found = await readLedger(access(ledger, pair, stop));
    if (found) return found;
    throw new RunError(
      'configuration',
      `${ledger.variable} leads to a database without a ledger: there is no run to undo.`,
    );
  }
}

/**
 * Sends and forgets what a repair has decided upon, one memory at a time, and has each step written down before the next: repair.ts
 * tells what a crash between them leaves behind.
 *
 * A row that is moved is sent to where it belongs, which by the contract takes it out of wherever it was. A plugin may keep both: so
 * it is looked for where it was, and forgotten there; and since such a plugin may then forget it everywhere, it is looked for once more
 * where it belongs, and sent again if it is gone.
 */
import type { Digester } from '../../model/digest.ts';
import type { Answer, Failure } from '../../model/failure.ts';
import type { LedgerEntry, Recollection } from '../../model/ledger.ts';
import type { ObservedMemory, PlannedWrite } from '../../model/memory.ts';
import { differences } from '../../verify/parity.ts';
import type { RunContext } from '../context.ts';
import { cutOff } from '../cut-off.ts';
import { namespaceWriter } from '../namespaces.ts';
import type { Decision } from './decision.ts';
import {
  announcementOf,
  type Doomed,
  type Effort,
  entryOfCleared,
  entryOfForgotten,
  entryOfKept,
  entryOfRefused,
  entryOfRepaired,
} from './entries.ts';
import type { Look, Sight, Sought } from './sights.ts';
import { type Deed, namesOf } from './told.ts';

export interface ActingParts {
  digester: Digester;
  look: Look;
  /** Undefined while this run may send, as a rule; else what resolves once it may, and rejects with RunError where it never may again. */
  maySend(): Promise<void> | undefined;
  /** Called before anything is sent. Throws RunError `guard` where the plugin is not fit for it. */
  beforeFirst(): Promise<void>;
  /** Resolves once the entry is written down. Throws RunError where it cannot be */
  record(entry: LedgerEntry): Promise<void>;
}

type Doing<What extends Decision['do']> = Extract<Decision, { do: What }>;

/**
 * Carries decisions out. Every method returns null where the operator's signal came first, and throws RunError where the run must end
 * for another reason, and CouldNotAsk where a look at what it did got no answer.
 */
export interface Actor {
  send(decision: Doing<'send'>): Promise<Deed | null>;
  clear(decision: Doing<'clear'>): Promise<Deed | null>;
  /** @param known what the ledger knows of the memory */
  forget(decision: Doing<'forget'>, known: Recollection | undefined): Promise<Deed | null>;
}

/** How a step ended: done, hindered by what is to be said of the memory instead, or not begun because of the operator's signal. */
type Step = 'done' | 'stopped' | Exclude<Deed, { deed: 'mended' }>;

export function actor({ plugin, observer, stop }: RunContext, parts: ActingParts): Actor {
  const { digester, record } = parts;
  const namespaces = namespaceWriter(plugin, observer.notice);
  let hasBegun = false;

  async function send({ planned, created, from }: Doing<'send'>): Promise<Deed | null> {
    const { name } = planned.namespace;
    const sent = await write(planned, created);
    if (sent !== 'done') return sent === 'stopped' ? null : sent;
    for (const memory of from) {
      const cleared = await clearFrom(planned, memory);
      if (cleared === 'stopped') return null;
      if (cleared !== 'done') return { ...cleared, sentence: `was sent to ${name}, but ${cleared.sentence}` };
    }
    return from.length > 0
      ? { deed: 'mended', how: 'moved', sentence: `was moved to ${name}` }
      : { deed: 'mended', how: 'sent', sentence: `was sent to ${name}` };
  }

  async function clear({ planned, from }: Doing<'clear'>): Promise<Deed | null> {
    for (const memory of from) {
      const cleared = await clearFrom(planned, memory);
      if (cleared !== 'done') return cleared === 'stopped' ? null : cleared;
    }
    return { deed: 'mended', how: 'forgotten', sentence: `was forgotten in ${namesOf(from)}` };
  }

  /** Sees to it that a row which is where it belongs is not in the other namespace any more. */
  async function clearFrom(planned: PlannedWrite, memory: ObservedMemory): Promise<Step> {
    const { namespace } = memory;
    const still = await lookIn(namespace, memory);
    if (still.sight === 'absent') return 'done';
    if (still.sight === 'unsettled') {
      const sentence = `whether it is still in ${namespace} cannot be told: ${still.why}`;
      return { deed: 'left', reason: 'unsettled', sentence };
    }
    const { step } = await take(memory);
    if (step !== 'done') return step;
    const home = await lookIn(planned.namespace.name, planned);
    if (home.sight === 'absent') return await write(planned, false);
    if (home.sight === 'found' && differences(planned, home.memory).length === 0) {
      await record(entryOfCleared(planned, namespace, digester));
    }
    return 'done';
  }

  async function forget({ from }: Doing<'forget'>, known: Recollection | undefined): Promise<Deed | null> {
    let goneBefore = 0;
    for (const memory of from) {
      const doomed: Doomed = { id: memory.id, namespace: memory.namespace, known };
      if (!(await begin())) return null;
      await record(announcementOf(doomed));
      const { step, byOthers, effort } = await take(memory);
      if (step === 'stopped') return null;
      await record(step === 'done' ? entryOfForgotten(doomed, effort) : entryOfKept(doomed, effort));
      if (step !== 'done') return step;
      if (byOthers) goneBefore++;
    }
    const names = namesOf(from);
    return goneBefore === from.length
      ? { deed: 'mended', how: 'already', sentence: `is not in ${names} any more` }
      : { deed: 'mended', how: 'forgotten', sentence: `was forgotten in ${names}` };
  }

  /** Sends a row, and records how that ended. */
  async function write(planned: PlannedWrite, created: boolean): Promise<Step> {
    if (!(await begin())) return 'stopped';
    const { answer, effort } = await timed(() => namespaces.commit(planned));
    if (answer.ok) {
      await record(entryOfRepaired(planned, created, effort, digester));
      return 'done';
    }
    const { reason, sentence } = answer.failure;
    if (isCutOff(answer.failure)) return 'stopped';
    await record(entryOfRefused(planned, reason, effort));
    return { deed: 'failed', sentence: `could not be sent: ${sentence}` };
  }

  /** Has a memory forgotten where it is. @returns whether somebody else had done that before */
  async function take(memory: ObservedMemory): Promise<{ step: Step; byOthers: boolean; effort: Effort }> {
    if (!(await begin())) return { step: 'stopped', byOthers: false, effort: NONE };
    const { answer, effort } = await timed(() => plugin.forget(memory.id, memory.namespace));
    if (answer.ok) return { step: 'done', byOthers: false, effort };
    const { failure, attempts } = answer;
    if (isCutOff(failure)) return { step: 'stopped', byOthers: false, effort };
    const isDenied = failure.suggests === 'memory-elsewhere' || failure.suggests === 'memory-absent-or-elsewhere';
    const isGone = isDenied && (await lookIn(memory.namespace, memory)).sight === 'absent';
    // An earlier attempt, whose answer was lost, may have done it; without one, it was somebody else.
    if (isGone) return { step: 'done', byOthers: attempts <= 1, effort };
    const sentence = `could not be forgotten in ${memory.namespace}: ${failure.sentence}`;
    return { step: { deed: 'failed', sentence }, byOthers: false, effort };
  }

  async function lookIn(namespace: string, sought: Sought): Promise<Sight> {
    return (
      (await parts.look([namespace], sought)).get(namespace) ?? { sight: 'unsettled', why: 'it was not asked for' }
    );
  }

  /** @returns false where the operator's signal came first */
  async function begin(): Promise<boolean> {
    await parts.maySend();
    if (!stop.aborted && !hasBegun) {
      await parts.beforeFirst();
      hasBegun = true;
    }
    return !stop.aborted;
  }

  /** @returns true where the operator's signal cut the request off. Throws RunError where something else did */
  function isCutOff(failure: Failure): boolean {
    const cut = cutOff(failure, stop.aborted);
    if (cut?.error) throw cut.error;
    return cut !== null;
  }

  return { send, clear, forget };
}

async function timed<T>(request: () => Promise<Answer<T>>): Promise<{ answer: Answer<T>; effort: Effort }> {
  const begun = performance.now();
  const answer = await request();
  return { answer, effort: { attempts: answer.attempts, durationMs: Math.round(performance.now() - begun) } };
}

const NONE: Effort = { attempts: 0, durationMs: 0 };

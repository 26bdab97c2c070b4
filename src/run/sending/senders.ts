/** The slots in which rows are sent: a fixed number of them, or as many as the controller finds to be right. */
import pLimit from 'p-limit';
import type { Operation } from '../../model/failure.ts';
import type { Concurrency } from '../../model/settings.ts';
import { type Controller, controller, type Sample } from './controller.ts';

/** What a task learns of one request: what the plugin's client tells of each attempt. */
export interface Attempted {
  operation: Operation;
  /** Milliseconds from its sending to its answer. */
  ms: number;
  /** The reason of its failure; null for a success. */
  failure: string | null;
}

export interface Senders {
  /** Runs the task once one of the slots is free, after those that came before; ends as the task does. */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Told of each attempt as soon as it is answered. Only what rows' tasks send counts. */
  attempted(attempt: Attempted): void;
  /** Slots that there are at this moment. */
  readonly level: number;
  /** The level is one to stay at: it is fixed, or has been found. */
  readonly settled: boolean;
  /** The level is found by measuring. */
  readonly adaptive: boolean;
}

/** What a row's task sends: its commit, and before it, where its namespace is new, the making of that. */
const IN_A_SLOT: ReadonlySet<Operation> = new Set(['commitMemory', 'upsertNamespace']);

/** @param most the highest level that may be tried, 1 or more; a fixed number is taken as it is */
export function senders({ concurrency, most }: { concurrency: Concurrency; most: number }): Senders {
  const adaptive = concurrency === 'auto';
  const control = adaptive ? controller({ most }) : fixed(concurrency);
  const slots = pLimit(control.level);

  /** A slot that is empty while nobody waits for one is the supply's doing. */
  function underWay(): number {
    return slots.pendingCount > 0 ? Math.max(slots.activeCount, slots.concurrency) : slots.activeCount;
  }

  return {
    adaptive,
    run: (task) => slots(task),
    attempted({ operation, ms, failure }) {
      if (!IN_A_SLOT.has(operation)) return;
      // Counted at its end instead of its beginning: slots that stay full, or stay empty, are so at both.
      control.answered({ at: performance.now(), ms, outcome: outcomeOf(failure), inFlight: underWay() });
      if (slots.concurrency !== control.level) slots.concurrency = control.level;
    },
    get level() {
      return control.level;
    },
    get settled() {
      return control.settled;
    },
  };
}

function fixed(level: number): Controller {
  return { level, settled: true, answered: () => {} };
}

/** What asks for fewer requests: "too many", "not now", and no answer in time, be it from the plugin or from a proxy before it. */
const OVERLOAD = /^(429|503|504|deadline)\b/;

function outcomeOf(failure: string | null): Sample['outcome'] {
  if (failure === null) return 'success';
  return OVERLOAD.test(failure) ? 'overload' : 'other';
}

/**
 * What the plugin was asked, as the tests want to know it afterwards. Counted on arrival, whatever is answered; the
 * requests to the controls are not counted. Gone with the process.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { type Call, isObject, OPERATIONS, type Operation } from './wire.ts';

/** `unknown`: a request that the contract does not have, by its path or its method. */
export type Asked = Operation | 'unknown';

export interface WriteRecord {
  method: string;
  path: string;
  operation: Asked;
  /** The memory's id, as sent. */
  id: string | null;
  /** The namespace, as sent; for a forgetting the one on whose behalf. */
  namespace: string | null;
}

export interface Counters {
  requests: Record<Asked, number>;
  /** How many requests might have changed something: all but health, search and what was read of unknown paths. */
  writes: number;
  /** The same requests, in order of arrival. */
  writeLog: WriteRecord[];
  /** How often each namespace was upserted. */
  namespacePuts: Record<string, number>;
  /** The most commits that were ever under way at once. */
  maxCommitsInFlight: number;
}

export class Recorder {
  readonly counters: Counters = {
    requests: {
      getHealth: 0,
      upsertNamespace: 0,
      patchNamespace: 0,
      deleteNamespace: 0,
      commitMemory: 0,
      searchMemories: 0,
      forgetMemory: 0,
      unknown: 0,
    },
    writes: 0,
    writeLog: [],
    namespacePuts: {},
    maxCommitsInFlight: 0,
  };
  readonly lastHeaders = new Map<Asked, IncomingHttpHeaders>();
  #commitsInFlight = 0;

  arrived(asked: Asked, headers: IncomingHttpHeaders): void {
    this.counters.requests[asked] += 1;
    this.lastHeaders.set(asked, headers);
    if (asked !== 'commitMemory') return;
    this.#commitsInFlight += 1;
    this.counters.maxCommitsInFlight = Math.max(this.counters.maxCommitsInFlight, this.#commitsInFlight);
  }

  /** Before the answer is sent, so that a client that waits for answers is never counted twice. */
  leaving(asked: Asked): void {
    if (asked === 'commitMemory') this.#commitsInFlight -= 1;
  }

  understood(method: string, path: string, call: Call | undefined): void {
    if (!isWrite(method, call)) return;
    const { counters } = this;
    counters.writes += 1;
    counters.writeLog.push({ method, path, operation: call?.operation ?? 'unknown', ...subjectOf(call) });
    if (call?.operation === 'upsertNamespace')
      counters.namespacePuts[call.target] = (counters.namespacePuts[call.target] ?? 0) + 1;
  }
}

function isWrite(method: string, call: Call | undefined): boolean {
  return call ? !READS.has(call.operation) : method !== 'GET' && method !== 'HEAD';
}
const READS = new Set<Operation>(['getHealth', 'searchMemories']);

function subjectOf(call: Call | undefined): Pick<WriteRecord, 'id' | 'namespace'> {
  if (!call) return { id: null, namespace: null };
  const body = isObject(call.body) ? call.body : {};
  const sent = (value: unknown) => (typeof value === 'string' ? value : null);
  return call.operation === 'forgetMemory'
    ? { id: call.target, namespace: sent(body.requested_by_namespace) }
    : { id: sent(body.id), namespace: call.target };
}

export const isAsked = (name: string): name is Asked =>
  name === 'unknown' || OPERATIONS.some((operation) => operation === name);

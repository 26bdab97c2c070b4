/**
 * The controls, out of band: `POST /__control/<command>` with the command's arguments as JSON. They look at the plugin and
 * change it behind the contract's back. The typed form of the other end is `startQuirkyPlugin`.
 */
import { randomUUID } from 'node:crypto';
import { isAsked, Recorder } from './counters.ts';
import { Disturbances } from './disturbances.ts';
import { beginQuirks, isQuirk, type Quirk, type Twist } from './quirks.ts';
import { MEMORY_KINDS, MEMORY_SOURCES, Store, type StoredMemory, type StoredNamespace } from './store.ts';
import {
  flag,
  integer,
  isObject,
  type JsonObject,
  listOf,
  moment,
  nullable,
  number,
  OPERATIONS,
  object,
  oneOf,
  optional,
  Refusal,
  text,
  uuid,
} from './wire.ts';

export interface Dump {
  /** Expired ones, too, in the order of their first writing. */
  memories: StoredMemory[];
  namespaces: StoredNamespace[];
}

/** The whole plugin: what it keeps, what it counts, how it misbehaves. */
export class Plugin {
  readonly store = new Store();
  readonly recorder = new Recorder();
  readonly disturbances = new Disturbances();
  twists: readonly Twist[];

  constructor(quirks: readonly Quirk[]) {
    this.twists = beginQuirks(quirks);
  }
}

/**
 * @returns what the command answers, as JSON.
 * @throws Refusal for an unknown command, arguments that do not fit it, or a memory that is not there.
 */
export function obey(plugin: Plugin, command: string, body: unknown): unknown {
  const act = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (!act) throw new Refusal(404, 'not_found', `There is no command ${command}.`);
  return act(plugin, object(body, 'body')) ?? {};
}

const commands: Record<string, (plugin: Plugin, args: JsonObject) => unknown> = {
  quirks(plugin, args) {
    plugin.twists = beginQuirks(listOf(quirk)(args.quirks, 'quirks'));
  },

  counters: ({ recorder }) => recorder.counters,

  dump: ({ store }): Dump => ({
    memories: [...store.memories.values()],
    namespaces: [...store.namespaces.values()],
  }),

  'last-headers'({ recorder }, args) {
    const asked = text(args.operation, 'operation');
    const headers = isAsked(asked) ? recorder.lastHeaders.get(asked) : undefined;
    if (!headers) throw new Refusal(404, 'not_found', `There was no request for ${asked}.`);
    return headers;
  },

  edit({ store }, args) {
    store.putMemory(changed(stored(store, args.id), object(args.changes, 'changes')));
  },

  remove({ store }, args) {
    for (const id of listOf(uuid)(args.ids, 'ids')) store.memories.delete(stored(store, id).id);
  },

  duplicate({ store }, args) {
    const id = randomUUID();
    store.putMemory({ ...stored(store, args.id), id });
    return { id };
  },

  insert({ store }, args) {
    const given = object(args.memory, 'memory');
    const id = optional(uuid)(given.id, 'id') ?? randomUUID();
    store.putMemory(changed(blankMemory(id), given));
    return { id };
  },

  'fail-next'({ disturbances }, args) {
    const { body } = args;
    const times = optional(integer(1, 1_000_000))(args.times, 'times');
    const retryAfter = optional(text)(args.retryAfter, 'retryAfter');
    const ofTrial = optional(flag)(args.ofTrial, 'ofTrial');
    disturbances.failNext({
      operation: oneOf(OPERATIONS)(args.operation, 'operation'),
      status: integer(200, 599)(args.status, 'status'),
      ...(times !== undefined && { times }),
      ...(retryAfter !== undefined && { retryAfter }),
      ...(ofTrial !== undefined && { ofTrial }),
      ...(body !== undefined && { body: isObject(body) ? body : text(body, 'body') }),
    });
  },

  delay({ disturbances }, args) {
    const milliseconds = integer(0, 600_000)(args.milliseconds, 'milliseconds');
    disturbances.delay(oneOf(OPERATIONS)(args.operation, 'operation'), milliseconds);
  },
};

function quirk(value: unknown, field: string): Quirk {
  const name = text(value, field);
  if (!isQuirk(name)) throw new Refusal(400, 'bad_request', `There is no quirk ${name}.`, field);
  return name;
}

function stored(store: Store, id: unknown): StoredMemory {
  const memory = store.memories.get(uuid(id, 'id'));
  if (!memory) throw new Refusal(404, 'not_found', 'There is no such memory.', 'id');
  return memory;
}

const blankMemory = (id: string): StoredMemory => ({
  id,
  namespace: '',
  content: '',
  kind: 'fact',
  source: 'agent',
  created_at: new Date().toISOString(),
  expires_at: null,
  propagation: null,
  pin: false,
  embedding: null,
});

/** No rule of the contract holds here but the types: damage is what this is for. */
function changed(memory: StoredMemory, changes: JsonObject): StoredMemory {
  const merged: Record<keyof StoredMemory, unknown> = { ...memory, ...changes };
  return {
    id: memory.id,
    namespace: text(merged.namespace, 'namespace'),
    content: text(merged.content, 'content'),
    kind: oneOf(MEMORY_KINDS)(merged.kind, 'kind'),
    source: oneOf(MEMORY_SOURCES)(merged.source, 'source'),
    created_at: moment(merged.created_at, 'created_at'),
    expires_at: nullable(moment)(merged.expires_at, 'expires_at'),
    propagation: nullable(object)(merged.propagation, 'propagation'),
    pin: flag(merged.pin, 'pin'),
    embedding: nullable(listOf(number))(merged.embedding, 'embedding'),
  };
}

/**
 * The contract, version 1, strictly: each call becomes one answer, or a refusal. It knows no quirk: those change what comes
 * in, what is answered, or, through `arrange`, the order in which a search has found its memories.
 */
import { randomUUID } from 'node:crypto';
import {
  type Found,
  MEMORY_KINDS,
  MEMORY_SOURCES,
  NAMESPACE_KINDS,
  type Store,
  type StoredMemory,
  type StoredNamespace,
} from './store.ts';
import {
  type Answer,
  type Call,
  flag,
  integer,
  listOf,
  moment,
  namespaceName,
  nullable,
  number,
  type Operation,
  object,
  oneOf,
  optional,
  Refusal,
  text,
  uuid,
} from './wire.ts';

/** @param everywhere what the same terms find in all namespaces */
export type Arrange = (found: Found[], everywhere: () => Found[]) => Found[];

/** @throws Refusal */
export function answerCall(store: Store, call: Call, arrange: Arrange): Answer {
  return operations[call.operation](store, call, arrange);
}

const operations: Record<Operation, (store: Store, call: Call, arrange: Arrange) => Answer> = {
  getHealth: () => ({
    status: 200,
    json: { status: 'ok', version: 'quirky 1', capabilities: ['fts', 'ttl', 'pin', 'propagation', 'embedding'] },
  }),

  upsertNamespace(store, { target, body }) {
    const name = namespaceName(target, 'name');
    const fields = object(body, 'body');
    const namespace: StoredNamespace = {
      name,
      kind: oneOf(NAMESPACE_KINDS)(fields.kind, 'kind'),
      created_at: store.namespaces.get(name)?.created_at ?? new Date().toISOString(),
      expires_at: nullable(moment)(fields.expires_at, 'expires_at'),
      metadata: nullable(object)(fields.metadata, 'metadata'),
    };
    store.namespaces.set(name, namespace);
    return { status: 200, json: namespace };
  },

  patchNamespace(store, { target, body }) {
    const name = namespaceName(target, 'name');
    const { expires_at, metadata } = object(body, 'body');
    if (expires_at === undefined && metadata === undefined)
      throw new Refusal(400, 'bad_request', 'Nothing is to be changed.', 'body');
    const patch = {
      ...(expires_at !== undefined && { expires_at: nullable(moment)(expires_at, 'expires_at') }),
      ...(metadata !== undefined && { metadata: nullable(object)(metadata, 'metadata') }),
    };
    const namespace = { ...existing(store, name), ...patch };
    store.namespaces.set(name, namespace);
    return { status: 200, json: namespace };
  },

  deleteNamespace(store, { target }) {
    store.deleteNamespace(existing(store, namespaceName(target, 'name')).name);
    return { status: 204 };
  },

  commitMemory(store, { target, body }) {
    const namespace = namespaceName(target, 'name');
    const fields = object(body, 'body');
    const content = text(fields.content, 'content');
    if (content.trim() === '') throw new Refusal(400, 'bad_request', 'content must not be blank.', 'content');
    const id = optional(uuid)(fields.id, 'id') ?? randomUUID();
    const memory: StoredMemory = {
      id,
      namespace,
      content,
      kind: oneOf(MEMORY_KINDS)(fields.kind, 'kind'),
      source: oneOf(MEMORY_SOURCES)(fields.source, 'source'),
      created_at: store.memories.get(id)?.created_at ?? new Date().toISOString(),
      expires_at: nullable(moment)(fields.expires_at, 'expires_at'),
      propagation: nullable(object)(fields.propagation, 'propagation'),
      pin: optional(flag)(fields.pin, 'pin') ?? false,
      embedding: vector(store, fields.embedding),
    };
    existing(store, namespace);
    store.putMemory(memory);
    return { status: 201, json: { id, namespace } };
  },

  searchMemories(store, { body }, arrange) {
    const fields = object(body, 'body');
    const namespaces = listOf(text)(fields.namespaces, 'namespaces');
    if (namespaces.length === 0)
      throw new Refusal(400, 'bad_request', 'At least one namespace must be named.', 'namespaces');
    const limit = optional(integer(1, 100))(fields.limit, 'limit') ?? 20;
    const terms = {
      query: optional(text)(fields.query, 'query'),
      kinds: optional(listOf(oneOf(MEMORY_KINDS)))(fields.kinds, 'kinds'),
      embedding: vector(store, fields.embedding),
    };
    const everywhere = () => store.search({ ...terms, namespaces: [...store.namespaces.keys()] });
    const found = arrange(store.search({ ...terms, namespaces }), everywhere);
    return { status: 200, json: { memories: found.slice(0, limit).map(asMemory) } };
  },

  forgetMemory(store, { target, body }) {
    const id = uuid(target, 'id');
    const namespace = text(object(body, 'body').requested_by_namespace, 'requested_by_namespace');
    const memory = store.memories.get(id);
    if (!memory) throw new Refusal(404, 'not_found', 'There is no such memory.');
    if (memory.namespace !== namespace)
      throw new Refusal(403, 'forbidden', 'The memory belongs to another namespace.', 'requested_by_namespace');
    store.memories.delete(id);
    return { status: 204 };
  },
};

function existing(store: Store, name: string): StoredNamespace {
  const namespace = store.namespaces.get(name);
  if (!namespace) throw new Refusal(404, 'not_found', 'There is no such namespace.', 'name');
  return namespace;
}

function vector(store: Store, value: unknown): number[] | null {
  const numbers = nullable(listOf(number))(value, 'embedding');
  if (numbers && !store.acceptsVector(numbers))
    throw new Refusal(400, 'bad_request', 'embedding has another length than those before.', 'embedding');
  return numbers;
}

function asMemory({ memory, score }: Found) {
  const { expires_at, propagation, embedding, ...always } = memory;
  return {
    ...always,
    ...(expires_at !== null && { expires_at }),
    ...(propagation !== null && { propagation }),
    ...(embedding !== null && { embedding }),
    ...(score !== null && { score }),
  };
}

/**
 * What a request must be to be acted on: the contract's schemas, and the rules that a schema cannot express. Each check
 * returns what it was given, typed, or throws a 400 `bad_request` that quotes nothing of it.
 */
import { type BodyCheck, bodyCheck, type Schemas } from '../contract/bodies.ts';
import { NAMESPACE_NAME, NAMESPACE_NAME_MAX } from '../contract/limits.ts';
import { EMBEDDING_SIZE } from './migrations.ts';
import { badRequest } from './refusals.ts';

const isNamespaceUpsert = bodyCheck('NamespaceUpsert');
const isNamespacePatch = bodyCheck('NamespacePatch');
const isMemoryWrite = bodyCheck('MemoryWrite');
const isSearchRequest = bodyCheck('SearchRequest');
const isForgetRequest = bodyCheck('ForgetRequest');

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export function checkNamespaceName(name: string): string {
  if (name.length > NAMESPACE_NAME_MAX || !NAMESPACE_NAME.test(name)) {
    throw badRequest(
      `The namespace's name is not of the form kind:name, with at most ${NAMESPACE_NAME_MAX} characters.`,
    );
  }
  return name;
}

export function checkId(id: string): string {
  if (!UUID.test(id)) throw badRequest('The id is not a UUID.');
  return id;
}

export function checkNamespace(body: unknown): Schemas['NamespaceUpsert'] {
  return conforming(isNamespaceUpsert, body);
}

export function checkPatch(body: unknown): Schemas['NamespacePatch'] {
  const patch = conforming(isNamespacePatch, body);
  if (patch.expires_at === undefined && patch.metadata === undefined) throw badRequest('The patch changes nothing.');
  return patch;
}

/** @param embeds whether vectors are kept; where not, the embedding is not looked at */
export function checkMemory(body: unknown, embeds: boolean): Schemas['MemoryWrite'] {
  const memory = conforming(isMemoryWrite, body);
  if (!/\P{White_Space}/u.test(memory.content)) throw badRequest('The content is nothing but white space.');
  if (memory.content.includes('\0')) throw badRequest('The content holds U+0000, which cannot be stored.');
  // JSON can write half a surrogate pair; stored as UTF-8 it would become another character.
  if (!memory.content.isWellFormed()) throw badRequest('The content holds half a surrogate pair.');
  if (embeds) checkEmbedding(memory.embedding);
  return memory;
}

/** @param embeds as for a memory */
export function checkSearch(body: unknown, embeds: boolean): Schemas['SearchRequest'] {
  const request = conforming(isSearchRequest, body);
  if (embeds) checkEmbedding(request.embedding);
  return request;
}

export function checkForget(body: unknown): Schemas['ForgetRequest'] {
  return conforming(isForgetRequest, body);
}

function checkEmbedding(embedding: readonly number[] | null | undefined): void {
  if (embedding && embedding.length !== EMBEDDING_SIZE) {
    throw badRequest(`The embedding has ${embedding.length} numbers, not ${EMBEDDING_SIZE}.`);
  }
}

function conforming<T>(check: BodyCheck<T>, body: unknown): T {
  if (check(body)) return body;
  throw badRequest(`The body is not the contract's: ${check.reason()}.`);
}

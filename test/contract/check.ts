/**
 * What a check is, and the steps that checks are made of. Each step fails, with a sentence, where the plugin's answer is not
 * the contract's, so that every check also checks the bodies that it gets on its way.
 */
import assert from 'node:assert/strict';
import { bodyCheck, type Schemas } from '../../src/contract/bodies.ts';
import type { KNOWN_CAPABILITIES } from '../../src/contract/limits.ts';
import type { Answer, Wire } from './wire.ts';

export type Capability = (typeof KNOWN_CAPABILITIES)[number];

export interface Check {
  /** What it pins, as a sentence. Where plugins in the field are known to differ from the contract, it says so. */
  name: string;
  /** Without this capability the check is not run: `not announced`. */
  needs?: Capability;
  /** Resolves where the plugin does as the contract says; rejects with what it did instead. */
  run(wire: Wire): Promise<void>;
}

type Memory = Schemas['Memory'];

/** A memory to write where it matters only in part what it is. */
export const aMemory = (changes: Partial<Schemas['MemoryWrite']> = {}): Schemas['MemoryWrite'] => ({
  content: 'The build takes nine minutes.',
  kind: 'fact',
  source: 'agent',
  ...changes,
});

/** Creates a namespace of kind `custom` under a name of its own. */
export async function createNamespace(
  wire: Wire,
  attributes: Partial<Schemas['NamespaceUpsert']> = {},
): Promise<string> {
  const name = wire.freshName();
  await putNamespace(wire, name, attributes);
  return name;
}

export async function putNamespace(
  wire: Wire,
  name: string,
  attributes: Partial<Schemas['NamespaceUpsert']> = {},
): Promise<Schemas['Namespace']> {
  const answer = await wire.send('PUT', namespacePath(name), { kind: 'custom', ...attributes });
  return bodyOf(answer, 200, isNamespace, 'a Namespace');
}

export async function patchNamespace(
  wire: Wire,
  name: string,
  patch: Schemas['NamespacePatch'],
): Promise<Schemas['Namespace']> {
  return bodyOf(await wire.send('PATCH', namespacePath(name), patch), 200, isNamespace, 'a Namespace');
}

/** @returns the id of the memory, as the plugin answered it */
export async function commit(wire: Wire, namespace: string, memory: Schemas['MemoryWrite']): Promise<string> {
  const answer = await tryCommit(wire, namespace, memory);
  const { id, namespace: where } = bodyOf(answer, 201, isMemoryWriteResponse, 'a MemoryWriteResponse');
  assert.equal(where, namespace, 'the answer to a commit names another namespace');
  return id;
}

/** Sends a commit that may be refused. */
export function tryCommit(wire: Wire, namespace: string, body: object): Promise<Answer> {
  return wire.send('POST', `${namespacePath(namespace)}/memories`, body);
}

/** @returns what a search finds; an empty list also where the plugin answers `null` */
export async function search(wire: Wire, request: Schemas['SearchRequest']): Promise<Memory[]> {
  const answer = await wire.send('POST', '/v1/search', request);
  return bodyOf(answer, 200, isSearchResponse, 'a SearchResponse').memories ?? [];
}

/** @returns the contents found in one namespace, without a query, in the order of the answer */
export async function contentsOf(wire: Wire, namespace: string): Promise<string[]> {
  return (await search(wire, { namespaces: [namespace], limit: 100 })).map((memory) => memory.content);
}

/** @returns the only memory of a namespace */
export async function onlyMemoryOf(wire: Wire, namespace: string): Promise<Memory> {
  const [memory, ...others] = await search(wire, { namespaces: [namespace] });
  assert.ok(memory && others.length === 0, `the namespace holds ${memory ? others.length + 1 : 0} memories, not 1`);
  return memory;
}

/** The answer refuses the request with this status, and its body is an Error with this code. */
export function assertRefused(answer: Answer, status: number, code: Schemas['Error']['code']): void {
  const error = bodyOf(answer, status, isError, 'an Error');
  assert.equal(error.code, code, `the Error has the code ${error.code}, not ${code}`);
}

export const namespacePath = (name: string) => `/v1/namespaces/${encodeURIComponent(name)}`;

/** @throws where the status is another one, or the body is not what the contract says */
export function bodyOf<T>(answer: Answer, status: number, expected: (body: unknown) => body is T, what: string): T {
  assert.equal(answer.status, status, `the answer was ${answer.status}, not ${status}: ${answer.text.slice(0, 200)}`);
  const { body } = answer;
  if (!expected(body)) assert.fail(`the body of the ${status} is not ${what}: ${answer.text.slice(0, 200)}`);
  return body;
}

const isNamespace = bodyCheck('Namespace');
const isMemoryWriteResponse = bodyCheck('MemoryWriteResponse');
const isSearchResponse = bodyCheck('SearchResponse');
const isError = bodyCheck('Error');

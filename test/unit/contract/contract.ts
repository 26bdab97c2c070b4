/** The contract as it is written, for tests that hold the code against it. */
import { fileURLToPath } from 'node:url';
import { bundle, createConfig } from '@redocly/openapi-core';

export const CONTRACT_FILE = fileURLToPath(new URL('../../../api-protocol/memory-plugin-v1.yaml', import.meta.url));

export async function readContract(): Promise<unknown> {
  const { bundle: document } = await bundle({ ref: CONTRACT_FILE, config: await createConfig({}) });
  return document.parsed;
}

/** @returns what stands at the end of the path of keys, or undefined; never what is only inherited. */
export function at(document: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce((node, key) => (isRecord(node) && Object.hasOwn(node, key) ? node[key] : undefined), document);
}

/** @returns the keys of an object, in the order in which they are written. */
export function keysOf(node: unknown): string[] {
  return isRecord(node) ? Object.keys(node) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

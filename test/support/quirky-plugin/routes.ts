/** The paths of the contract, and which call a request to one of them makes. */
import type { Call, Operation } from './wire.ts';

/** @returns the call that a request makes; undefined where the contract has no such path, or not with this method. */
export function callOf(method: string, path: string, body: unknown): Call | undefined {
  for (const route of routes) {
    const match = route.method === method ? route.path.exec(path) : null;
    if (match) return { operation: route.operation, target: decoded(match[1] ?? ''), body };
  }
  return undefined;
}

/** @returns whether the contract has this path at all, with whatever method. */
export function isKnownPath(path: string): boolean {
  return routes.some((route) => route.path.test(path));
}

const routes: ReadonlyArray<{ method: string; path: RegExp; operation: Operation }> = [
  { method: 'GET', path: /^\/v1\/health$/, operation: 'getHealth' },
  { method: 'PUT', path: /^\/v1\/namespaces\/([^/]+)$/, operation: 'upsertNamespace' },
  { method: 'PATCH', path: /^\/v1\/namespaces\/([^/]+)$/, operation: 'patchNamespace' },
  { method: 'DELETE', path: /^\/v1\/namespaces\/([^/]+)$/, operation: 'deleteNamespace' },
  { method: 'POST', path: /^\/v1\/namespaces\/([^/]+)\/memories$/, operation: 'commitMemory' },
  { method: 'POST', path: /^\/v1\/search$/, operation: 'searchMemories' },
  { method: 'DELETE', path: /^\/v1\/memories\/([^/]+)$/, operation: 'forgetMemory' },
];

/** A name that cannot be decoded stays as it is, and is refused as a name. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

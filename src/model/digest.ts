/**
 * The digest of a memory as a plugin shows it: what this tool wrote can be held against what is there now without the ledger
 * holding a word of it.
 *
 * HMAC-SHA-256 (RFC 2104) under a key that is made with the ledger and never leaves it: without the key, a digest cannot be
 * used to try out what a memory might say. Only what a search returns goes in, so that the digest of what was planned and that of
 * what was found are the same function; the vector is not part of it, and the provenance has a digest of its own, since nobody
 * loses anything by its being written anew.
 */
import { createHmac, createSecretKey } from 'node:crypto';
import type { ObservedMemory, PlannedWrite } from './memory.ts';

/** 64 hexadecimal digits. */
export type Digest = string;

export interface Digester {
  ofPlanned(planned: PlannedWrite): Digest;
  ofObserved(memory: ObservedMemory): Digest;
  /** Of all that a provenance says but the run; of anything else that was found in its place, something that differs. */
  ofProvenance(provenance: unknown): Digest;
}

/** @param key 32 random bytes */
export function digester(key: Uint8Array): Digester {
  // Made once: making one of raw bytes costs several times what the digest of a memory does.
  const secret = createSecretKey(key);

  /** Each field with its length before it, so that no two different memories read the same. */
  function digest(fields: ReadonlyArray<string | null>): Digest {
    const text = fields.map((field) => (field === null ? '-;' : `${field.length};${field}`)).join('');
    return createHmac('sha256', secret).update(text, 'utf8').digest('hex');
  }

  function digestOfProvenance(provenance: unknown): Digest {
    const entries = typeof provenance === 'object' && provenance !== null ? Object.entries(provenance) : [];
    const told = entries.filter(([name]) => name !== 'run_id').sort(([one], [other]) => (one < other ? -1 : 1));
    return digest([JSON.stringify(told)]);
  }

  return {
    ofProvenance: digestOfProvenance,
    ofPlanned: ({ namespace, content, kind, source }) =>
      digest([namespace.name, content, kind, source, 'unpinned', null]),
    ofObserved: ({ namespace, content, kind, source, pinned, expiresAt }) =>
      digest([namespace, content, kind, source, pinned ? 'pinned' : 'unpinned', expiresAt]),
  };
}

/** Between what this tool thinks in and the contract's bodies. Pure. */
import type { Schemas } from '../contract/bodies.ts';
import type { ObservedMemory, PlannedWrite } from '../model/memory.ts';

export function memoryWrite(planned: PlannedWrite): Schemas['MemoryWrite'] {
  const { id, content, kind, source, provenance, embedding } = planned;
  return {
    id,
    content,
    kind,
    source,
    ...(provenance ? { propagation: { backfill: provenance } } : {}),
    ...(embedding ? { embedding: [...embedding] } : {}),
  };
}

export function observedMemory(memory: Schemas['Memory']): ObservedMemory {
  return {
    id: memory.id.toLowerCase(),
    namespace: memory.namespace,
    content: memory.content,
    kind: memory.kind,
    source: memory.source,
    pinned: memory.pin ?? false,
    createdAt: memory.created_at,
    expiresAt: memory.expires_at ?? null,
    provenance: memory.propagation?.backfill,
    ...embeddingIn(memory),
  };
}

/** Beyond the contract: a plugin may return the vector that it keeps. */
function embeddingIn(memory: object): Pick<ObservedMemory, 'embedding'> {
  if (!('embedding' in memory) || !Array.isArray(memory.embedding)) return {};
  const numbers = memory.embedding.filter((number) => typeof number === 'number');
  return numbers.length === memory.embedding.length ? { embedding: numbers } : {};
}

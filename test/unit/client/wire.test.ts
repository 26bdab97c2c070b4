/** From a planned row to the body that is sent, and from a memory that was found to what is compared. */
import { describe, expect, test } from 'vitest';
import { memoryWrite, observedMemory } from '../../../src/client/wire.ts';
import type { PlannedWrite } from '../../../src/model/memory.ts';
import { example } from './served.ts';

const PLANNED: PlannedWrite = {
  verdict: 'write',
  createdAt: null,
  updatedAt: null,
  id: '0a6b2c1d-3e4f-4051-8263-7485969a0b1c',
  workspaceId: '7f2c1a34-5b60-4d8e-9a11-0c2d3e4f5a6b',
  scope: 'TEAM',
  namespace: { name: 'team:acme', kind: 'team' },
  content: '  Billing runs on the 1st.\n\tAsk the platform team before moving it.  ',
  kind: 'fact',
  source: 'agent',
  provenance: {
    run_id: '5e0f7a8b-1c2d-4e3f-9a4b-6c5d7e8f9a0b',
    source: 'agent_memories',
    workspace_id: '7f2c1a34-5b60-4d8e-9a11-0c2d3e4f5a6b',
    scope: 'TEAM',
    tag: 'general',
    created_at: '2024-03-01 08:15:30.123456+00',
    updated_at: null,
  },
};

describe('a planned row is sent', () => {
  test('as the golden example of a migrated memory', () => {
    expect(memoryWrite(PLANNED)).toStrictEqual(example('MemoryWrite', 'migrated'));
  });

  test('without propagation where none was planned, and with its embedding number for number', () => {
    const { provenance: _provenance, ...bare } = PLANNED;
    expect(memoryWrite({ ...bare, embedding: [0.25, -1] })).toStrictEqual({
      id: PLANNED.id,
      content: PLANNED.content,
      kind: 'fact',
      source: 'agent',
      embedding: [0.25, -1],
    });
  });
});

describe('a memory that was found is compared', () => {
  const memoriesOf = (shows: string) => example('SearchResponse', shows).memories ?? [];

  test('by its id in lower case, and with what a plugin leaves out filled in', () => {
    const foreign = memoriesOf('foreign');
    expect(foreign.map(observedMemory)).toStrictEqual([
      {
        id: 'f00dbabe-0000-4000-8000-00000000cafe',
        namespace: 'team:b1e7c0de-0001-4a4a-8b8b-123456789abc',
        content: foreign[0]?.content,
        kind: 'fact',
        source: 'agent',
        pinned: false,
        createdAt: foreign[0]?.created_at,
        expiresAt: null,
        provenance: undefined,
      },
      {
        id: '0a6b2c1d-3e4f-4051-8263-7485969a0b1c',
        namespace: 'team:b1e7c0de-0001-4a4a-8b8b-123456789abc',
        content: foreign[1]?.content,
        kind: 'fact',
        source: 'user',
        pinned: false,
        createdAt: foreign[1]?.created_at,
        expiresAt: null,
        provenance: undefined,
      },
    ]);
  });

  test('with its pin and its expiry', () => {
    expect(memoriesOf('listing').map(observedMemory)).toMatchObject([
      { kind: 'checkpoint', source: 'runtime', pinned: true, expiresAt: '2099-06-30T12:00:00.000001Z' },
      { kind: 'summary', source: 'user', pinned: false, expiresAt: null },
    ]);
  });

  test('with what this tool wrote into its propagation, and nothing else of that', () => {
    const memory = { ...PLANNED, namespace: 'team:acme', created_at: '2026-01-15T09:30:00Z' };
    const propagation = { backfill: PLANNED.provenance, hops: [1] };
    expect(observedMemory({ ...memory, propagation }).provenance).toEqual(PLANNED.provenance);
  });
});

/** What it means that a row stands where it does: a leak is whatever somebody can read there who was not to. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Namespace } from '../../../src/model/memory.ts';
import { originOf, placement } from '../../../src/verify/placement.ts';

const READERS = new Map<string, ReadonlySet<string>>([
  ['workspace:acme', new Set(['acme'])],
  ['workspace:sales', new Set(['sales'])],
  ['team:acme', new Set(['acme', 'sales'])],
  ['org:acme', new Set(['acme', 'sales'])],
  ['team:other', new Set(['other', 'support'])],
]);
const readersOf = (name: string) => READERS.get(name) ?? new Set<string>();
const planned = (kind: Namespace['kind'], id: string): Namespace => ({ name: `${kind}:${id}`, kind });

describe('a row in', () => {
  test.each<[string, Namespace | null, string, string]>([
    ['its own namespace is at home', planned('team', 'acme'), 'team:acme', 'home'],
    ['a namespace of the same readers is misplaced', planned('team', 'acme'), 'org:acme', 'misplaced'],
    ['a namespace of fewer readers is misplaced', planned('org', 'acme'), 'workspace:sales', 'misplaced'],
    ['a namespace that nobody reads is misplaced', planned('org', 'acme'), 'workspace:gone', 'misplaced'],
    ['a namespace of more readers is a leak', planned('workspace', 'sales'), 'team:acme', 'leak'],
    ['a namespace of others is a leak', planned('workspace', 'sales'), 'workspace:acme', 'leak'],
    ['another tenant’s namespace is a leak', planned('org', 'acme'), 'team:other', 'leak'],
    ['any namespace is a leak where it belongs nowhere', null, 'workspace:sales', 'leak'],
    ['a namespace that nobody reads is a leak where it belongs nowhere', null, 'workspace:gone', 'leak'],
    ['any namespace is a leak where nobody was to read it', planned('team', 'gone'), 'workspace:sales', 'leak'],
  ])('%s', (_name, belongs, found, expected) => {
    expect(placement(belongs, found, readersOf)).toBe(expected);
  });
});

test('what reaches nobody new is no leak, and all else is', () => {
  const readers = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'));
  fc.assert(
    fc.property(readers, readers, (here, there) => {
      const asked = (name: string) => new Set(name === 'team:planned' ? here : there);
      const reachesNobodyNew = there.every((reader) => here.includes(reader));
      const expected = reachesNobodyNew ? 'misplaced' : 'leak';
      expect(placement(planned('team', 'planned'), 'team:found', asked)).toBe(expected);
    }),
  );
});

describe('the origin that a memory tells of is', () => {
  const TOLD = {
    run_id: 'run-1',
    source: 'agent_memories',
    workspace_id: 'sales',
    scope: 'TEAM',
    tag: null,
    created_at: '2025-01-01 00:00:00+00',
    updated_at: null,
  };

  test('its workspace and its scope', () => {
    const origin = { workspaceId: 'sales', scope: 'TEAM' };
    expect(originOf(TOLD)).toEqual(origin);
    expect(originOf({ ...TOLD, more: 1 })).toEqual(origin);
  });

  test('its scope alone where the row was nobody’s', () => {
    expect(originOf({ ...TOLD, workspace_id: null })).toEqual({ workspaceId: null, scope: 'TEAM' });
  });

  const { workspace_id: _workspace, ...withoutWorkspace } = TOLD;
  const { scope: _scope, ...withoutScope } = TOLD;
  const { source: _source, ...withoutSource } = TOLD;

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', JSON.stringify(TOLD)],
    ['a list', [TOLD]],
    ['somebody else’s', { ...TOLD, source: 'elsewhere' }],
    ['without a source', withoutSource],
    ['without a workspace', withoutWorkspace],
    ['with a workspace that is no text', { ...TOLD, workspace_id: 7 }],
    ['without a scope', withoutScope],
    ['with a scope that is no text', { ...TOLD, scope: null }],
  ])('none where it is %s', (_name, provenance) => {
    expect(originOf(provenance)).toBeNull();
  });
});

/** The ways in which a copied row can come to differ from what was planned for it, each with what verify has to say then. */
import type { LegacyRow } from '../../../src/model/memory.ts';
import type { FindingKind } from '../../../src/model/verify.ts';
import { plantTree } from '../../support/legacy.ts';
import type { World } from '../../support/migration.ts';
import { plantTickets } from './rows.ts';
import type { Tampering } from './tampering.ts';

/** A root and its child, with the rows that damage is done to. */
export interface Place {
  child: string;
  team: string;
  org: string;
  /** LOCAL rows of the child. */
  rows: readonly LegacyRow[];
  /** A GLOBAL row of the child, which is to be skipped. */
  skipped: LegacyRow;
}

export interface Damage {
  kind: FindingKind;
  sentence: string;
  inflict(plugin: Tampering, row: LegacyRow, place: Place): Promise<void>;
}

/** @param size how many LOCAL rows, 1 or more; two more are copied to the team and to the org. */
export async function plantPlace(world: World, size: number): Promise<Place> {
  const tree = await plantTree(world.sql, {
    workspaces: { root: {}, child: { parent: 'root' } },
    memories: {
      'the team meets on Thursdays': { of: 'child', scope: 'TEAM' },
      'the company was founded in Leeds': { of: 'root', scope: 'GLOBAL' },
      'only a root may tell this to everybody': { of: 'child', scope: 'GLOBAL' },
    },
  });
  const child = tree.workspace('child');
  const root = tree.workspace('root');
  return {
    child,
    team: `team:${root}`,
    org: `org:${root}`,
    rows: await plantTickets(world, size, { workspaceId: child }),
    skipped: tree.memory('only a root may tell this to everybody'),
  };
}

/** To a row that was copied. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  deleted: {
    kind: 'missing',
    sentence: 'is not in the plugin',
    inflict: (plugin, { id }) => plugin.remove([id]),
  },
  expired: {
    kind: 'missing',
    sentence: 'is not in the plugin',
    inflict: (plugin, { id }) => plugin.edit(id, { expires_at: '2020-01-01T00:00:00Z' }),
  },
  edited: {
    kind: 'content',
    sentence: 'has another content',
    inflict: (plugin, { id, content }) => plugin.edit(id, { content: `${content} Edited since.` }),
  },
  'moved to the team': {
    kind: 'misplaced',
    sentence: 'is in team:',
    inflict: (plugin, { id }, { team }) => plugin.edit(id, { namespace: team }),
  },
  'turned into a summary': {
    kind: 'fields',
    sentence: 'has another kind (summary)',
    inflict: (plugin, { id }) => plugin.edit(id, { kind: 'summary' }),
  },
  'ascribed to the user': {
    kind: 'fields',
    sentence: 'has another source (user)',
    inflict: (plugin, { id }) => plugin.edit(id, { source: 'user' }),
  },
  pinned: {
    kind: 'fields',
    sentence: 'has another pin (true)',
    inflict: (plugin, { id }) => plugin.edit(id, { pin: true }),
  },
  'set to expire': {
    kind: 'fields',
    sentence: 'has another expiry (2099-12-3',
    inflict: (plugin, { id }) => plugin.edit(id, { expires_at: '2099-12-30T12:00:00Z' }),
  },
  'stripped of its origin': {
    kind: 'fields',
    sentence: 'has another propagation.backfill',
    inflict: (plugin, { id }) => plugin.edit(id, { propagation: { note: 'mine now' } }),
  },
  'said to come from elsewhere': {
    kind: 'fields',
    sentence: 'has another propagation.backfill',
    inflict: (plugin, { id }, { child }) =>
      plugin.edit(id, { propagation: { backfill: { source: 'agent_memories', workspace_id: child, scope: 'TEAM' } } }),
  },
};

/** To a row that was skipped. */
export const LET_IN: Damage = {
  kind: 'leak',
  sentence: 'was to be skipped (global-from-non-root), but org:',
  inflict: (plugin, { id, content }, { org }) => plugin.insert({ id, content, namespace: org }),
};

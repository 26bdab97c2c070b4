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
  /** A TEAM row of the child. */
  shared: LegacyRow;
  /** A GLOBAL row of the child, which is to be skipped. */
  skipped: LegacyRow;
}

export interface Damage {
  kind: FindingKind;
  sentence: string;
  /** The row that it is done to, where that may not be any of the LOCAL ones. */
  victim?: (place: Place) => LegacyRow;
  /** True where the rest of the team reads the namespace that it concerns, too. */
  concernsTeam?: true;
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
    shared: tree.memory('the team meets on Thursdays'),
    skipped: tree.memory('only a root may tell this to everybody'),
  };
}

/** To a LOCAL row that was copied. */
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
    kind: 'leak',
    sentence: 'where others read it',
    concernsTeam: true,
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
    kind: 'vanishing',
    sentence: 'will expire (2099-12-3',
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

/** To rows that are not the child's own. */
export const OTHER_DAMAGES: Readonly<Record<string, Damage>> = {
  'moved from the team to the org': {
    kind: 'misplaced',
    sentence: 'where nobody else reads it',
    victim: ({ shared }) => shared,
    concernsTeam: true,
    inflict: (plugin, { id }, { org }) => plugin.edit(id, { namespace: org }),
  },
  'let in': {
    kind: 'leak',
    sentence: 'was to be skipped (global-from-non-root), but org:',
    victim: ({ skipped }) => skipped,
    concernsTeam: true,
    inflict: (plugin, { id, content }, { org }) => plugin.insert({ id, content, namespace: org }),
  },
};

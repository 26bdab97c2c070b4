/** A lane: the rows of one new workspace, which go to one namespace and so are sent one after the other. */
import type { LegacyRow } from '../../../src/model/memory.ts';
import { plantTree } from '../../support/legacy.ts';
import type { Run, World } from '../../support/migration.ts';

export interface Lane {
  namespace: string;
  /** In the order in which they are sent. */
  rows: readonly LegacyRow[];
  /** The command line that applies them, and them alone. */
  args: readonly string[];
  apply(): Promise<Run>;
  /** The contents that the plugin keeps in the namespace, in the order of their first writing. */
  kept(): Promise<string[]>;
}

export async function plantLane(world: World, ...contents: string[]): Promise<Lane> {
  const { workspace, memories: rows } = await plantTree(world.sql, {
    workspaces: { acme: {} },
    memories: Object.fromEntries(contents.map((content, place) => [`${place}`, { of: 'acme' as const, content }])),
  });
  const namespace = `workspace:${workspace('acme')}`;
  const args = ['--apply', '--workspace', workspace('acme')];
  return {
    namespace,
    rows,
    args,
    apply: () => world.backfill(args),
    async kept() {
      const { memories } = await world.contents();
      return memories.filter((memory) => memory.namespace === namespace).map(({ content }) => content);
    },
  };
}

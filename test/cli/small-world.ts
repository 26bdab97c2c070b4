/** A few rows of every fate, for tests of what is printed; ids are the same in each run of a file that plants nothing else. */
import { plantTree } from '../support/legacy.ts';
import type { World } from '../support/migration.ts';
import type { QuirkyPlugin } from '../support/quirky-plugin.ts';

export const plantSmallWorld = ({ sql }: World) =>
  plantTree(sql, {
    workspaces: { root: {}, child: { parent: 'root' }, gone: { parent: 'root', status: 'removed' }, empty: {} },
    memories: {
      'The root keeps this to itself.': { of: 'root' },
      'The child keeps this to itself.': { of: 'child' },
      'The child tells the team.': { of: 'child', scope: 'TEAM' },
      'The root tells everybody.': { of: 'root', scope: 'GLOBAL' },
      'The child must not tell everybody.': { of: 'child', scope: 'GLOBAL' },
      'The team must not hear this.': { of: 'gone', scope: 'TEAM' },
      'Nobody said this.': {},
      ' ': { of: 'child' },
    },
  });

export type SmallWorld = Awaited<ReturnType<typeof plantSmallWorld>>;

/** What happens to the copy: one row is lost, one is edited, and one that was to be skipped is let in. */
export async function damageCopy(tree: SmallWorld, plugin: QuirkyPlugin): Promise<void> {
  await plugin.remove([tree.memory('The child keeps this to itself.').id]);
  await plugin.edit(tree.memory('The root tells everybody.').id, { content: 'The root tells nobody.' });
  const { id, content } = tree.memory('The team must not hear this.');
  await plugin.insert({ id, content, namespace: `team:${tree.workspace('root')}` });
}

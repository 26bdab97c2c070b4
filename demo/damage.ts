/** What somebody with access to the plugin's database could do to a copy: each kind of damage that verify has to find. */
import type { Sql } from 'postgres';
import type { FindingKind } from '../src/model/verify.ts';

export interface Damage {
  id: string;
  what: string;
  /** In words, for the audience. */
  how: string;
  /** What verify has to call it. */
  finding: FindingKind;
}

type Victim = { id: string };

/** @param busiest the id of the workspace whose namespace is far too large to be listed. */
export async function damageCopies(plugin: Sql, busiest: string): Promise<Damage[]> {
  const memories = plugin('memory_plugin.memories');

  async function deleteOldest(namespaces: string, how: string): Promise<Damage> {
    const id = victim(
      await plugin<Victim[]>`
      DELETE FROM ${memories} WHERE id = (
        SELECT id FROM ${memories} WHERE namespace LIKE ${namespaces} ORDER BY seq LIMIT 1) RETURNING id`,
    );
    return { id, what: 'deleted', how, finding: 'missing' };
  }

  async function editAmount(): Promise<Damage> {
    const id = victim(
      await plugin<Victim[]>`
      UPDATE ${memories} SET content = replace(content, '€', '€1') WHERE id = (
        SELECT id FROM ${memories} WHERE namespace = ${`workspace:${busiest}`} AND content LIKE '%€%'
        ORDER BY seq LIMIT 1) RETURNING id`,
    );
    return { id, what: 'edited', how: 'an amount in it has one digit more', finding: 'content' };
  }

  async function moveToTeam(): Promise<Damage> {
    const id = victim(
      await plugin<Victim[]>`
      UPDATE ${memories} m SET namespace = found.team FROM (
        SELECT own.id, shared.namespace AS team
        FROM ${memories} own JOIN ${memories} shared ON ${workspaceOf('shared')} = ${workspaceOf('own')}
        WHERE own.namespace LIKE 'workspace:%' AND shared.namespace LIKE 'team:%'
          AND shared.namespace <> 'team:' || ${workspaceOf('own')}
        ORDER BY own.seq DESC LIMIT 1) found
      WHERE m.id = found.id RETURNING m.id`,
    );
    return { id, what: 'moved', how: "a workspace's own, now read by its whole team", finding: 'leak' };
  }

  async function changeKind(): Promise<Damage> {
    const id = victim(
      await plugin<Victim[]>`
      UPDATE ${memories} SET kind = 'checkpoint' WHERE id = (
        SELECT id FROM ${memories} WHERE namespace LIKE 'team:%' ORDER BY seq LIMIT 1) RETURNING id`,
    );
    return { id, what: 'relabelled', how: 'a fact before, a checkpoint now', finding: 'fields' };
  }

  function workspaceOf(alias: 'own' | 'shared') {
    return plugin`(${plugin(alias)}.propagation -> 'backfill' ->> 'workspace_id')`;
  }

  return [
    await deleteOldest(`workspace:${busiest}`, 'the oldest of the busiest workspace'),
    await deleteOldest('team:%', 'the oldest that a team shares'),
    await deleteOldest('org:%', 'the oldest that a company shares'),
    await editAmount(),
    await moveToTeam(),
    await changeKind(),
  ];
}

function victim([row]: readonly Victim[]): string {
  if (!row) throw new Error('There is no memory to damage.');
  return row.id;
}

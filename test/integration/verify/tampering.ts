/** Damage to what a plugin has stored, done behind its back and in the same words for both plugins. */

import type { JSONValue } from 'postgres';
import type { World } from '../../support/migration.ts';
import type { PluginProcess } from '../../support/plugin-process.ts';
import type { QuirkyPlugin, StoredMemory } from '../../support/quirky-plugin.ts';

export interface Changes
  extends Partial<Pick<StoredMemory, 'namespace' | 'content' | 'kind' | 'source' | 'pin' | 'expires_at'>> {
  propagation?: Record<string, JSONValue>;
}

export interface Tampering {
  /** With `namespace` the memory moves. */
  edit(id: string, changes: Changes): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  /** Stores a memory of an agent, a fact where no kind is given; its namespace is made if it is missing. */
  insert(memory: Pick<StoredMemory, 'id' | 'namespace' | 'content'> & { kind?: StoredMemory['kind'] }): Promise<void>;
}

export function tampering({ plugin, sql }: World): Tampering {
  return isQuirky(plugin) ? throughControls(plugin) : throughTables(sql);
}

function isQuirky(plugin: PluginProcess): plugin is QuirkyPlugin {
  return 'setQuirks' in plugin;
}

function throughControls(plugin: QuirkyPlugin): Tampering {
  return {
    edit: (id, changes) => plugin.edit(id, changes),
    remove: (ids) => plugin.remove(ids),
    insert: async (memory) => void (await plugin.insert(memory)),
  };
}

function throughTables(sql: World['sql']): Tampering {
  const memories = sql('memory_plugin.memories');
  const namespaces = sql('memory_plugin.namespaces');

  async function makeNamespace(name: string): Promise<void> {
    const kind = name.split(':', 1)[0] ?? '';
    await sql`insert into ${namespaces} (name, kind) values (${name}, ${kind}) on conflict do nothing`;
  }

  return {
    async edit(id, { propagation, ...changes }) {
      if (changes.namespace !== undefined) await makeNamespace(changes.namespace);
      const columns = { ...changes, ...(propagation && { propagation: sql.json(propagation) }) };
      expectRows(1, await sql`update ${memories} set ${sql(columns)} where id = ${id}`);
    },
    async remove(ids) {
      expectRows(ids.length, await sql`delete from ${memories} where id = any(${[...ids]}::uuid[])`);
    },
    async insert({ id, namespace, content, kind = 'fact' }) {
      await makeNamespace(namespace);
      await sql`
        insert into ${memories} (id, namespace, content, kind, source, pin)
        values (${id}, ${namespace}, ${content}, ${kind}, 'agent', false)`;
    },
  };
}

function expectRows(expected: number, { count }: { count: number }): void {
  if (count !== expected) throw new Error(`${count} memories were touched, not ${expected}.`);
}

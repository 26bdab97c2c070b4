/**
 * What the plugin should hold after an apply, written straight into the plugin's store, and what becomes of it.
 *
 * A Copy is the test's own account of the plugin: every change goes into it and, through a Store, into the plugin, so that a
 * judgement can ask it how full a namespace is, or what else has the same words.
 */
import type { JSONValue } from 'postgres';
import type { LegacyRow } from '../../../src/model/memory.ts';
import type { World } from '../../support/migration.ts';
import type { PluginProcess } from '../../support/plugin-process.ts';
import type { QuirkyPlugin, StoredMemory } from '../../support/quirky-plugin.ts';
import { type Forest, wordsOf } from './forest.ts';

export interface Kept extends Omit<StoredMemory, 'propagation' | 'embedding'> {
  propagation: Record<string, JSONValue> | null;
}

export type Change =
  | { put: Kept }
  | { edit: string; changes: Partial<Omit<Kept, 'id'>> }
  /** From the plugin. */
  | { remove: string };

/** Without the embeddings, which search does not return. */
export interface Copy {
  memories: ReadonlyMap<string, Kept>;
  /** In the order in which they were made, since the last time they were taken. */
  takeChanges(): Change[];
  /** Throws where the memory is not there, or, for `put`, is. */
  make(change: Change): void;
  /** How many a search could list there. */
  fullness(namespace: string): number;
  /** How many memories of the namespace have all words of this text among theirs, in whatever form. */
  soundingLike(namespace: string, text: string): number;
}

/** @param propagates whether the plugin keeps where a memory comes from */
export function copyOf(forest: Forest, propagates: boolean): Copy {
  const memories = new Map<string, Kept>();
  const vocabulary = new Map<string, ReadonlySet<string>>();
  let changes: Change[] = [];
  let visible: Map<string, Kept[]> | undefined;

  function make(change: Change): void {
    if ('put' in change) {
      if (memories.has(change.put.id)) throw new Error(`${change.put.id} is there already.`);
      memories.set(change.put.id, change.put);
    } else if ('edit' in change) {
      memories.set(change.edit, { ...known(change.edit), ...change.changes });
    } else memories.delete(known(change.remove).id);
    changes.push(change);
    visible = undefined;
  }

  function known(id: string): Kept {
    const memory = memories.get(id);
    if (!memory) throw new Error(`${id} is not there.`);
    return memory;
  }

  function visibleIn(namespace: string): Kept[] {
    const now = new Date().toISOString();
    visible ??= Map.groupBy(
      [...memories.values()].filter(({ expires_at }) => expires_at === null || expires_at > now),
      (memory) => memory.namespace,
    );
    return visible.get(namespace) ?? [];
  }

  function wordsIn(content: string): ReadonlySet<string> {
    const known = vocabulary.get(content) ?? new Set(wordsOf(content));
    vocabulary.set(content, known);
    return known;
  }

  for (const [index, row] of forest.rows.entries()) {
    const namespace = forest.placeOf(row);
    if (namespace !== null) make({ put: kept(row, namespace, index, propagates) });
  }
  return {
    memories,
    make,
    takeChanges() {
      const taken = changes;
      changes = [];
      return taken;
    },
    fullness: (namespace) => visibleIn(namespace).length,
    soundingLike(namespace, text) {
      const words = wordsOf(text);
      return visibleIn(namespace).filter(({ content }) => words.every((word) => wordsIn(content).has(word))).length;
    },
  };
}

/** As an apply leaves it. */
export function kept(row: LegacyRow, namespace: string, index: number, propagates: boolean): Kept {
  return {
    id: row.id,
    namespace,
    content: row.content,
    kind: 'fact',
    source: 'agent',
    created_at: new Date(Date.UTC(2026, 0, 1) + index * 1_000).toISOString(),
    expires_at: null,
    propagation: propagates ? { backfill: originOf(row) } : null,
    pin: false,
  };
}

/** What `propagation.backfill` says of a row. */
function originOf(row: LegacyRow): Record<string, JSONValue> {
  return {
    run_id: '6b1f0c52-6c51-4a0e-8a9d-0f2f6f1f0c52',
    source: 'agent_memories',
    workspace_id: row.workspaceId,
    scope: row.scope,
    tag: row.tag,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
  };
}

// --- The plugin's side ------------------------------------------------------------------------------------------------

export interface Store {
  /** Leaves nothing, neither in the plugin nor in the source nor in a ledger. */
  clear(): Promise<void>;
  /** Has the plugin's store follow. */
  follow(changes: readonly Change[]): Promise<void>;
}

export function storeOf({ plugin, sql }: World): Store {
  const store = isQuirky(plugin) ? throughControls(plugin) : throughTables(sql);
  return {
    async clear() {
      await sql`truncate agent_memories, workspaces`;
      await sql`drop schema if exists memory_backfill cascade`;
      await store.clear();
    },
    async follow(changes) {
      const puts = changes.flatMap((change) => ('put' in change ? [change.put] : []));
      await store.fill(puts);
      for (const change of changes) {
        if ('edit' in change) await store.edit(change.edit, change.changes);
        else if ('remove' in change) await store.remove(change.remove);
      }
    },
  };
}

interface Parts {
  clear(): Promise<void>;
  fill(memories: readonly Kept[]): Promise<void>;
  edit(id: string, changes: Partial<Omit<Kept, 'id'>>): Promise<void>;
  remove(id: string): Promise<void>;
}

function isQuirky(plugin: PluginProcess): plugin is QuirkyPlugin {
  return 'setQuirks' in plugin;
}

/** Requests to the quirky plugin that are under way at a time. */
const AT_ONCE = 32;

function throughControls(plugin: QuirkyPlugin): Parts {
  return {
    async clear() {
      await plugin.remove((await plugin.dump()).memories.map(({ id }) => id));
    },
    async fill(memories) {
      for (let start = 0; start < memories.length; start += AT_ONCE) {
        await Promise.all(memories.slice(start, start + AT_ONCE).map((memory) => plugin.insert(memory)));
      }
    },
    edit: (id, changes) => plugin.edit(id, changes),
    remove: (id) => plugin.remove([id]),
  };
}

function throughTables(sql: World['sql']): Parts {
  const memories = sql('memory_plugin.memories');
  const namespaces = sql('memory_plugin.namespaces');

  async function makeNamespaces(names: readonly string[]): Promise<void> {
    await sql`
      insert into ${namespaces} (name, kind) select distinct name, split_part(name, ':', 1)
      from unnest(${[...names]}::text[]) name on conflict do nothing`;
  }

  return {
    async clear() {
      await sql`truncate ${memories}, ${namespaces}`;
    },
    async fill(put) {
      if (put.length === 0) return;
      await makeNamespaces(put.map(({ namespace }) => namespace));
      await sql`
        insert into ${memories} (id, namespace, content, kind, source, pin, created_at, expires_at, propagation)
        select id, namespace, content, kind, source, pin, created_at, expires_at, propagation
        from rows from (jsonb_to_recordset(${sql.json(put.map((memory) => ({ ...memory })))}) as (
          id uuid, namespace text, content text, kind text, source text, pin boolean,
          created_at timestamptz, expires_at timestamptz, propagation json
        )) with ordinality order by ordinality`;
      await sql`analyze ${memories}`;
    },
    async edit(id, { propagation, ...changes }) {
      if (changes.namespace !== undefined) await makeNamespaces([changes.namespace]);
      const columns = {
        ...changes,
        ...(propagation !== undefined && { propagation: propagation && sql.json(propagation) }),
      };
      const { count } = await sql`update ${memories} set ${sql(columns)} where id = ${id}`;
      if (count !== 1) throw new Error(`${count} memories were touched, not one.`);
    },
    async remove(id) {
      const { count } = await sql`delete from ${memories} where id = ${id}`;
      if (count !== 1) throw new Error(`${count} memories were touched, not one.`);
    },
  };
}

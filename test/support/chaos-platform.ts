/**
 * The platform of a crash test, and the people on both sides of the copy: rows that are made, edited and deleted in the source,
 * memories that users make, edit and forget in the plugin.
 *
 * It keeps account of everything that anybody but the tool has done, so that in the end, and at any quiet moment before,
 * it can be said of each memory in the plugin who put it there and what it has to say. Nobody acts while a run is under way,
 * but for rows that are made: otherwise it could not be known whether a run had already sent what somebody edits.
 */
import { setTimeout as pass } from 'node:timers/promises';
import { type Digester, digester } from '../../src/model/digest.ts';
import type { LegacyRow } from '../../src/model/memory.ts';
import type { Chance } from './chaos-chance.ts';
import { legacyWorld } from './corpus.ts';
import { insertMemories, insertWorkspaces, type LegacyWorkspace, postgresTimestamp } from './legacy.ts';
import type { World } from './migration.ts';
import type { StoredMemory } from './quirky-plugin.ts';

/** A row of the source that is there, or was. */
export interface SourceRow {
  id: string;
  /** Where it belongs; null where it is to be skipped. */
  place: string | null;
  content: string;
  updatedAt: string | null;
  /** Every content that it has had, this one included. */
  versions: ReadonlySet<string>;
  /** How often it was edited, or touched. */
  edits: number;
  deleted: boolean;
  /**
   * It was edited while the plugin held a version of it that no entry knew of, or in a namespace that holds more than a search
   * lists. What the plugin holds then cannot be told from somebody else's doing: a conflict is the right answer.
   */
  mayConflict: boolean;
}

/** What a user has made of a copied row; null where it was forgotten. */
export type UsersWord = { content: string | null; edits: number };

/** What the ledger says of a memory. */
export interface LedgerWord {
  outcome: string;
  reason: string | null;
  /** The newest entry that says what the plugin holds. */
  copy: { namespace: string; digest: string; updatedAt: string | null } | null;
  /** It was sent once, and what became of it was not answered by the plugin. */
  answerLost: boolean;
}

/** Both ends and the ledger between them, at a moment when no run is under way. */
export interface Sight {
  memories: ReadonlyMap<string, StoredMemory>;
  namespaces: readonly string[];
  ledger: ReadonlyMap<string, LedgerWord>;
  /** Ids that the plugin holds otherwise than the newest entry says, without a user's doing. */
  unrecorded: ReadonlySet<string>;
  digestOf(memory: StoredMemory): string;
}

export interface Platform {
  rows: ReadonlyMap<string, SourceRow>;
  users: ReadonlyMap<string, UsersWord>;
  /** Memories that users have made by themselves. */
  made: ReadonlyMap<string, { namespace: string; content: string }>;
  /** Whether a namespace holds more than a search lists, or will soon. */
  isCrowded(place: string | null): boolean;
  see(): Promise<Sight>;
  /** New rows, some of them with a time of creation that lies far back. */
  addRows(count: number): Promise<void>;
  /** Something that happens in the source, and, where there are users, in the plugin. */
  happenings(sight: Sight): Promise<void>;
  /** Copied memories that are changed on both sides; nothing where there are no users. */
  quarrel(sight: Sight): Promise<void>;
}

export interface PlatformOptions {
  chance: Chance;
  seed: number;
  rows: number;
  /** Whether users edit and forget copied memories. */
  users: boolean;
  /** The plugin's own address, past any proxy. */
  pluginUrl(): string;
}

/** Rows of a namespace from which on a search may not list it whole. */
const CROWD = 70;

/** Workspaces with one row or two. */
const SMALL = 120;

export async function startPlatform(world: World, options: PlatformOptions): Promise<Platform> {
  const { chance, pluginUrl } = options;
  const { sql } = world;
  const rows = new Map<string, SourceRow>();
  const users = new Map<string, UsersWord>();
  const made = new Map<string, { namespace: string; content: string }>();
  const corpus = legacyWorld(options.seed, { memories: options.rows });
  const small = Array.from({ length: SMALL }, (_, number): LegacyWorkspace => {
    return { id: chance.uuid(), name: `Small ${number}`, parentId: null, status: 'online' };
  });
  const workspaces = new Map([...corpus.workspaces, ...small].map((workspace) => [workspace.id, workspace]));
  await insertWorkspaces(sql, [...workspaces.values()]);
  const large = corpus.memories[5];
  await add([
    ...corpus.memories,
    ...small.map((workspace, number) => rowOf(workspace.id, `A small matter, number ${number}.`)),
    ...(large ? [{ ...large, id: chance.uuid(), content: 'A long story. '.repeat(75_000) }] : []),
  ]);

  function rowOf(workspaceId: string, content: string): LegacyRow {
    const past = Date.UTC(2024, 2, 1) * 1_000 + chance.between(0, 600) * 86_400_000_000;
    const createdAt = postgresTimestamp(chance.happens(0.5) ? past : Date.now() * 1_000);
    return { id: chance.uuid(), workspaceId, content, scope: 'LOCAL', createdAt, updatedAt: createdAt, ...REST };
  }

  async function add(added: readonly LegacyRow[]): Promise<void> {
    for (const row of added) {
      rows.set(row.id, {
        id: row.id,
        place: placeOf(row, workspaces),
        content: row.content,
        updatedAt: row.updatedAt,
        versions: new Set([row.content]),
        edits: 0,
        deleted: false,
        mayConflict: false,
      });
    }
    await insertMemories(sql, added);
  }

  // --- In the source --------------------------------------------------------------------------------------------------

  async function edit(id: string, sight: Sight, content: string): Promise<void> {
    const row = rows.get(id);
    if (!row || row.deleted) return;
    const [updated] = await sql<{ at: string }[]>`
      update agent_memories set content = ${content}, updated_at = clock_timestamp() where id = ${id}
      returning updated_at::text as at`;
    rows.set(id, {
      ...row,
      content,
      updatedAt: updated?.at ?? null,
      versions: new Set([...row.versions, content]),
      edits: row.edits + 1,
      mayConflict: row.mayConflict || sight.unrecorded.has(id) || isCrowded(row.place),
    });
  }

  async function remove(id: string): Promise<void> {
    const row = rows.get(id);
    if (!row) return;
    await sql`delete from agent_memories where id = ${id}`;
    rows.set(id, { ...row, deleted: true });
  }

  function isCrowded(place: string | null): boolean {
    return [...rows.values()].filter((row) => row.place === place).length >= CROWD;
  }

  // --- In the plugin --------------------------------------------------------------------------------------------------

  async function userEdits(memory: StoredMemory): Promise<void> {
    const { id, namespace } = memory;
    const content = `Corrected by a user: ${chance.uuid()}`;
    await ask(`/v1/namespaces/${namespace}/memories`, 'POST', { id, content, kind: 'fact', source: 'user' });
    users.set(id, { content, edits: (users.get(id)?.edits ?? 0) + 1 });
  }

  async function userForgets({ id, namespace }: StoredMemory): Promise<void> {
    await ask(`/v1/memories/${id}`, 'DELETE', { requested_by_namespace: namespace });
    users.set(id, { content: null, edits: users.get(id)?.edits ?? 0 });
  }

  async function userMakes(namespace: string): Promise<void> {
    const content = `Said by a user: ${chance.uuid()}`;
    await ask(`/v1/namespaces/${namespace}`, 'PUT', { kind: kindOf(namespace) });
    const { id } = await ask(`/v1/namespaces/${namespace}/memories`, 'POST', { content, kind: 'fact', source: 'user' });
    made.set(String(id), { namespace, content });
  }

  async function ask(path: string, method: string, body: object): Promise<Record<string, unknown>> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(pluginUrl() + path, { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`A user's ${method} ${path} was answered ${response.status}: ${text}`);
    const answer: unknown = text === '' ? {} : JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? { ...answer } : {};
  }

  // --- What happens ---------------------------------------------------------------------------------------------------

  async function addRows(count: number): Promise<void> {
    const ids = [...workspaces.keys()];
    await add(
      Array.from({ length: count }, (_, made) => rowOf(chance.pick(ids), `Made meanwhile, ${made}: ${chance.uuid()}.`)),
    );
  }

  async function happenings(sight: Sight): Promise<void> {
    const planned = [...rows.values()].filter(({ place, deleted }) => place !== null && !deleted);
    await addRows(chance.between(0, 8));
    for (const { id, content } of chance.some(planned, chance.between(0, 6))) {
      await edit(id, sight, chance.happens(0.7) ? `${content} Amended.` : content);
    }
    for (const { id } of chance.some(planned, chance.between(0, 1))) await remove(id);
    const places = [...new Set(planned.flatMap(({ place }) => place ?? []))];
    for (const place of chance.some(places, chance.between(0, 1))) await userMakes(place);
    if (!options.users) return;
    const untouched = [...sight.memories.values()].filter(({ id }) => rows.has(id) && !users.has(id));
    const copied = untouched.filter(({ id }) => !sight.unrecorded.has(id));
    for (const memory of chance.some(copied, chance.between(0, 3))) await userEdits(memory);
    for (const memory of chance.some(copied, chance.between(0, 2)))
      if (!users.has(memory.id)) await userForgets(memory);
    // What was stored and is not recorded is in nobody's way either, where a search can show it.
    const loose = untouched.filter(({ id, namespace }) => sight.unrecorded.has(id) && !isCrowded(namespace));
    for (const memory of chance.some(loose, chance.between(0, 2))) await userEdits(memory);
  }

  async function quarrel(sight: Sight): Promise<void> {
    if (!options.users) return;
    const copied = [...sight.memories.values()].filter(({ id, namespace }) => {
      return rows.has(id) && !users.has(id) && !sight.unrecorded.has(id) && !isCrowded(namespace);
    });
    for (const memory of chance.some(copied, 6)) {
      await (chance.happens(0.6) ? userEdits(memory) : userForgets(memory));
      await edit(memory.id, sight, `${rows.get(memory.id)?.content} Amended.`);
    }
  }

  // --- What there is --------------------------------------------------------------------------------------------------

  async function see(): Promise<Sight> {
    await alone(world);
    const [{ memories, namespaces }, ledger] = await Promise.all([world.contents(), readLedger(world)]);
    const { digests, words } = ledger;
    const digestOf = (memory: StoredMemory) => digestOfStored(digests, memory);
    const unrecorded = memories.filter((memory) => {
      const isCopy = rows.has(memory.id) && !users.has(memory.id);
      return isCopy && words.get(memory.id)?.copy?.digest !== digestOf(memory);
    });
    return {
      memories: new Map(memories.map((memory) => [memory.id, memory])),
      namespaces: namespaces.map(({ name }) => name),
      ledger: words,
      unrecorded: new Set(unrecorded.map(({ id }) => id)),
      digestOf,
    };
  }

  return { rows, users, made, isCrowded, see, addRows, happenings, quarrel };
}

const REST = { tag: 'general', embedding: null } as const;

/** Where a row belongs, in a tree of one level. */
function placeOf(row: LegacyRow, workspaces: ReadonlyMap<string, LegacyWorkspace>): string | null {
  const workspace = workspaces.get(row.workspaceId ?? '');
  if (!workspace || row.content.trim() === '') return null;
  const { id, parentId, status } = workspace;
  if (row.scope === 'LOCAL') return `workspace:${id}`;
  if (status === 'removed') return null;
  if (row.scope === 'TEAM') return `team:${parentId ?? id}`;
  return parentId === null ? `org:${id}` : null;
}

function kindOf(namespace: string): string {
  return namespace.slice(0, namespace.indexOf(':'));
}

/** Resolves when no session of the tool is left in the database: what a killed run had under way there has come to its end. */
export async function alone({ sql }: World): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await pass(10)) {
    const left = await sql<{ query: string }[]>`
      select left(query, 60) as query from pg_stat_activity
       where datname = current_database() and application_name = 'memory-backfill'`;
    if (left.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`Sessions of the tool are left: ${left.map(({ query }) => query).join('; ')}`);
  }
}

/** Of the reasons of failed rows: nobody answered, or a proxy that may have passed the row on. Its own refusals (4xx) are answers. */
const UNANSWERED = '^(deadline|transport |[0-9]+ malformed|5[0-9][0-9] foreign)|, after a lost answer$';

async function readLedger({ sql }: World): Promise<{ digests: Digester; words: Map<string, LedgerWord> }> {
  const [there] = await sql`select from pg_namespace where nspname = 'memory_backfill'`;
  const [tables] =
    await sql`select from pg_class where relname = 'keys' and relnamespace::regnamespace::text = 'memory_backfill'`;
  if (!there || !tables) return { digests: digester(Buffer.alloc(32)), words: new Map() };
  const [key] = await sql<{ key: string }[]>`select encode(digest_key, 'hex') as key from memory_backfill.keys`;
  const entries = await sql<Array<{ id: string; outcome: string; reason: string | null }>>`
    select distinct on (memory_id) memory_id as id, outcome, reason
      from memory_backfill.entries order by memory_id, seq desc`;
  const copies = await sql<Array<{ id: string; namespace: string; digest: string; updatedAt: string | null }>>`
    select distinct on (memory_id) memory_id as id, namespace, encode(digest, 'hex') as digest,
           source_updated_at::text as "updatedAt"
      from memory_backfill.entries where outcome in ('written', 'adopted') order by memory_id, seq desc`;
  const unanswered = await sql<Array<{ id: string }>>`
    select distinct memory_id as id from memory_backfill.entries
     where outcome = 'failed' and attempts > 0 and reason ~ ${UNANSWERED}`;
  const copyOf = new Map(copies.map(({ id, ...copy }) => [id, copy]));
  const lost = new Set(unanswered.map(({ id }) => id));
  return {
    digests: digester(Buffer.from(key?.key ?? '', 'hex')),
    words: new Map(
      entries.map(({ id, outcome, reason }): [string, LedgerWord] => [
        id,
        { outcome, reason, copy: copyOf.get(id) ?? null, answerLost: lost.has(id) },
      ]),
    ),
  };
}

function digestOfStored(digests: Digester, memory: StoredMemory): string {
  const { id, namespace, content, kind, source } = memory;
  return digests.ofObserved({
    id,
    namespace,
    content,
    kind,
    source,
    pinned: memory.pin,
    createdAt: memory.created_at,
    expiresAt: memory.expires_at,
    provenance: undefined,
  });
}

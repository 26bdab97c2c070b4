/**
 * The search in its three forms: the listing (no query), by words, by likeness to a vector. What has expired, or lies in
 * a namespace that has, is never found.
 */
import type postgres from 'postgres';
import type { Schemas } from '../contract/bodies.ts';
import type { VectorSchema } from './migrations.ts';
import type { Pool } from './pool.ts';

type SearchRequest = Schemas['SearchRequest'];
type Memory = Schemas['Memory'];

interface MemoryRow {
  id: string;
  namespace: string;
  content: string;
  kind: Memory['kind'];
  source: Memory['source'];
  created_at: string;
  expires_at: string | null;
  propagation: Schemas['Propagation'];
  pin: boolean;
  score?: number;
}

type Fragment = postgres.Fragment;

/** What a search by words or by likeness selects and how it orders, in terms of `m`, the memory. */
interface Ranking {
  matches: Fragment;
  score: Fragment;
  /** Best first; may name `score`. */
  order: Fragment;
}

const DEFAULT_LIMIT = 20;

/**
 * @returns a function that answers search requests from the tables in `schema`. An empty query is none at all; a query
 *   that is nothing but stop words or punctuation finds nothing. An embedding is ignored where there is no vector type.
 */
export function prepareSearch(pool: Pool, schema: string, vectorSchema: VectorSchema) {
  const sql = pool.pieces;
  const memories = sql(`${schema}.memories`);
  const namespaces = sql(`${schema}.namespaces`);
  const columns = sql`m.id, m.namespace, m.content, m.kind, m.source, m.created_at, m.expires_at, m.propagation, m.pin`;
  const memoryLives = sql`(m.expires_at is null or m.expires_at > now())`;
  const namespaceLives = sql`(n.expires_at is null or n.expires_at > now())`;

  return async function search(request: SearchRequest): Promise<Memory[]> {
    const ranking = rankingOf(request);
    return (await (ranking ? ranked(request, ranking) : newest(request))).map(toMemory);
  };

  /** Takes the newest of each namespace by its index, and of those the newest: large namespaces are not read through. */
  function newest({ namespaces: names, kinds, limit = DEFAULT_LIMIT }: SearchRequest) {
    return pool.ask(
      (sql) => sql<MemoryRow[]>`
      select m.* from ${namespaces} n
      cross join lateral (
        select ${columns}, m.seq from ${memories} m
        where m.namespace = n.name and ${memoryLives} ${ofKinds(kinds)}
        order by m.pin desc, m.created_at desc, m.seq desc
        limit ${limit}
      ) m
      where n.name = any(${names}) and ${namespaceLives}
      order by m.pin desc, m.created_at desc, m.seq desc
      limit ${limit}`,
    );
  }

  function ranked({ namespaces: names, kinds, limit = DEFAULT_LIMIT }: SearchRequest, ranking: Ranking) {
    return pool.ask(
      (sql) => sql<MemoryRow[]>`
      select ${columns}, ${ranking.score} as score
      from ${memories} m join ${namespaces} n on n.name = m.namespace
      where m.namespace = any(${names}) and ${ranking.matches}
        and ${memoryLives} and ${namespaceLives} ${ofKinds(kinds)}
      order by ${ranking.order}, m.created_at desc, m.seq desc
      limit ${limit}`,
    );
  }

  function rankingOf({ query, embedding }: SearchRequest): Ranking | undefined {
    const words = query ? sql`plainto_tsquery('pg_catalog.english', ${query})` : undefined;
    if (embedding && vectorSchema !== undefined) {
      const vectors = sql(vectorSchema);
      const distance = sql`
        (m.embedding operator(${vectors}.<=>) ${vectorText(embedding)}::text::${vectors}.vector)`;
      return {
        matches: sql`m.embedding is not null ${words ? sql`and m.words @@ ${words}` : sql``}`,
        score: sql`1 - ${distance}`,
        order: distance,
      };
    }
    return (
      words && { matches: sql`m.words @@ ${words}`, score: sql`ts_rank(m.words, ${words})`, order: sql`score desc` }
    );
  }

  function ofKinds(kinds: SearchRequest['kinds']): Fragment {
    return kinds && kinds.length > 0 ? sql`and m.kind = any(${kinds})` : sql``;
  }
}

/** A vector as pgvector reads it. */
export function vectorText(embedding: readonly number[]): string {
  return `[${embedding.join(',')}]`;
}

/** The row as the contract has it: what is not set is left out. */
function toMemory(row: MemoryRow): Memory {
  const { id, namespace, content, kind, source, created_at, expires_at, propagation, pin, score } = row;
  return {
    id,
    namespace,
    content,
    kind,
    source,
    created_at,
    pin,
    ...(expires_at !== null && { expires_at }),
    ...(propagation !== null && { propagation }),
    ...(score !== undefined && { score }),
  };
}

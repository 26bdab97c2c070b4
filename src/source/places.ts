/**
 * Places that rows are wanted from: a workspace and a scope, with the rank in which they are to come. They reach Postgres as
 * parameters and are joined to the rows there, by hash, so that tens of thousands of them cost little more than one.
 */
import type { Fragment } from 'postgres';
import { type Sql, uuidArray } from '../postgres/connection.ts';

export interface Place {
  workspaceId: string;
  /** Null: any scope that no other place of the workspace names. */
  scope: string | null;
  /** Places of the same rank come as one. A whole number of 32 bits. */
  rank: number;
}

/** What a query over the rows, under the name `m`, needs to know their ranks. */
export interface Ranking {
  /** A condition on the table that every row with a rank meets, and others may: it spares what an index can. */
  likely: Fragment;
  /** Follows the table in FROM; it neither adds nor drops a row. */
  joins: Fragment;
  /** The rank of a row of `m`; null where it matches no place. */
  rank: Fragment;
}

/** Workspaces up to which an index over them beats one pass over all rows. */
const FEW = 1_000;

/** Where two places name the same workspace and scope, the lower rank counts. */
export function ranking(sql: Sql, places: readonly Place[]): Ranking {
  const named = places.filter(({ scope }) => scope !== null);
  const others = places.filter(({ scope }) => scope === null);
  const workspaces = new Set(places.map(({ workspaceId }) => workspaceId));
  return {
    likely: workspaces.size <= FEW ? sql`workspace_id = any(${uuidArray([...workspaces])}::uuid[])` : sql`true`,
    joins: sql`
      left join (
        select wanted, named, min(rank) as rank
          from unnest(${arrayOf(named, 'workspaceId')}::uuid[], ${arrayOf(named, 'scope')}::text[],
                      ${arrayOf(named, 'rank')}::int[]) as place(wanted, named, rank)
         group by wanted, named
      ) as exact on exact.wanted = m.workspace_id and exact.named = m.scope
      left join (
        select wanted, min(rank) as rank
          from unnest(${arrayOf(others, 'workspaceId')}::uuid[], ${arrayOf(others, 'rank')}::int[]) as place(wanted, rank)
         group by wanted
      ) as other on other.wanted = m.workspace_id`,
    rank: sql`coalesce(exact.rank, other.rank)`,
  };
}

/** One field of each place, as Postgres reads an array; quoted, since a scope may be any text. */
function arrayOf(places: readonly Place[], field: keyof Place): string {
  const quoted = places.map((place) => `"${String(place[field]).replaceAll(/["\\]/g, '\\$&')}"`);
  return `{${quoted.join(',')}}`;
}

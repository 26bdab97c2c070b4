/** Rows by what they say, of which only digests are given: one pass over the whole table, since nothing indexes contents. */
import type { Database } from './stored-rows.ts';

export interface RowWithContent {
  id: string;
  workspaceId: string | null;
  /** As stored, as in a `LegacyRow`. */
  scope: string;
  /** The one of those asked for that its content has. */
  digest: string;
}

export interface RowsWithContents {
  /** At most 200 of one digest, those with the least ids. */
  matches: RowWithContent[];
  /** The digests of which there are more rows than that. */
  cut: ReadonlySet<string>;
}

/** Digests that one pass looks for: some megabytes of parameters. */
const DIGESTS_A_PASS = 20_000;
const ROWS_A_DIGEST = 200;

/**
 * @param digests SHA-256 of contents in UTF-8, each 64 hexadecimal digits in lower case
 * @throws RunError `source`
 */
export async function rowsWithContents(database: Database, digests: readonly string[]): Promise<RowsWithContents> {
  const wanted = [...new Set(digests)];
  const matches: RowWithContent[] = [];
  const cut = new Set<string>();
  for (let start = 0; start < wanted.length; start += DIGESTS_A_PASS) {
    for (const { isCut, ...match } of await pass(database, wanted.slice(start, start + DIGESTS_A_PASS))) {
      matches.push(match);
      if (isCut) cut.add(match.digest);
    }
  }
  return { matches, cut };
}

type PassedRow = RowWithContent & { isCut: boolean };

async function pass({ sql, read, shape }: Database, digests: readonly string[]): Promise<PassedRow[]> {
  // OFFSET 0 has the contents dropped where they are read: nothing that is sorted or joined carries them along.
  const digested = sql`
    select id, workspace_id, scope, encode(sha256(convert_to(content, 'UTF8')), 'hex') as digest
      from ${sql.unsafe(shape.memories)} offset 0`;
  const query = () => sql<PassedRow[]>`
    select id, workspace_id as "workspaceId", scope, digest, copies > ${ROWS_A_DIGEST} as "isCut"
      from (
        select id, workspace_id, scope, digest,
               count(*) over (partition by digest) as copies,
               row_number() over (partition by digest order by id) as nth
          from (${digested}) as digested
         where digest in (select wanted from unnest(${`{${digests.join(',')}}`}::text[]) as wanted)
      ) as numbered
     where nth <= ${ROWS_A_DIGEST}
     order by digest, id`;
  // However long the pass takes: it takes as long as the table is large.
  return [...(await read('look up rows by their contents', query, Number.POSITIVE_INFINITY))];
}

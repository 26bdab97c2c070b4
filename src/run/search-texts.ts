/** The words by which rows of the source can be searched for in the plugin. */
import { searchWords } from '../verify/words.ts';
import type { RunContext } from './context.ts';

/**
 * Keeps a row's words alone, not its content, so that many rows take little memory.
 *
 * @returns a text to search for, by id; a row that is gone from the source is absent. Throws RunError `source`
 */
export async function searchTexts(
  { source, observer }: Pick<RunContext, 'source' | 'observer'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  if (ids.length === 0) return texts;
  const rows = await source.rows({ order: 'oldest-first', ids }, false, observer.notice);
  for await (const { rows: page } of rows.pages()) {
    for (const { id, content } of page) texts.set(id, searchWords(content).join(' '));
  }
  return texts;
}

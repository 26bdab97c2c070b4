/** Answers to queries for words. Rows that read the same ask the same: the latest answers are kept, until they are let go between pages. */
import type { ObservedMemory } from '../../model/memory.ts';

/** What the plugin shows of a query for words in all of these namespaces. Throws CouldNotAsk. */
export type Ask = (namespaces: readonly string[], query: string) => Promise<ObservedMemory[]>;

export interface KeptAnswers {
  ask: Ask;
  letGo(): void;
}

/** Answers that are kept. */
const ANSWERS = 64;

export function keptAnswers(find: Ask): KeptAnswers {
  const answers = new Map<string, Promise<ObservedMemory[]>>();
  return {
    ask(namespaces, query) {
      const key = `${query} ${namespaces.join(' ')}`;
      const answer = answers.get(key) ?? find(namespaces, query);
      answers.delete(key);
      answers.set(key, answer);
      if (answers.size > ANSWERS)
        for (const oldest of [...answers.keys()].slice(0, ANSWERS / 2)) answers.delete(oldest);
      return answer;
    },
    letGo: () => answers.clear(),
  };
}

/** One question to the plugin: so many under way at a time, and none answered by a namespace that was not asked for. */
import pLimit from 'p-limit';
import type { Plugin, Question } from '../../client/resilience.ts';
import type { ObservedMemory } from '../../model/memory.ts';
import { CouldNotAsk } from '../could-not-ask.ts';

/** At most as many memories as the plugin shows at once, all of the namespaces that were asked for. Throws CouldNotAsk. */
export type Search = (question: Question) => Promise<ObservedMemory[]>;

/** @param concurrency questions under way at a time, 1 or more */
export function asking(plugin: Plugin, concurrency: number): Search {
  const inFlight = pLimit(concurrency);
  return async (question) => {
    const answer = await inFlight(() => plugin.search(question));
    if (!answer.ok) throw new CouldNotAsk(answer.failure.sentence, answer.failure);
    const stray = answer.value.find(({ namespace }) => !question.namespaces.includes(namespace));
    if (stray) {
      const asked = question.namespaces.slice(0, 3).join(', ');
      throw new CouldNotAsk(`Asked for ${asked}, the plugin showed a memory of another namespace.`);
    }
    return answer.value;
  };
}

/**
 * What the plugin holds of the memories that a run wrote, for a rollback.
 *
 * A memory counts as what the run wrote if its keyed digest is the recorded one. That its words do not find it proves nothing here,
 * unlike in a verify: whoever edited it may have changed those very words. So in a namespace that holds more than a listing shows, a
 * memory that is not found is neither absent nor edited but unsettled.
 */
import type { Plugin } from '../client/resilience.ts';
import type { Digest, Digester } from '../model/digest.ts';
import type { ObservedMemory } from '../model/memory.ts';
import { CouldNotAsk } from './could-not-ask.ts';
import { type Look, type Observations, type ObserveOptions, observe } from './observations.ts';

/** A memory that the run created and nobody is recorded to have written since. */
export interface Candidate {
  id: string;
  namespace: string;
  /** Of what the run wrote last. */
  digest: Digest;
}

export type Sight =
  | { sight: 'as-written'; memory: ObservedMemory }
  | { sight: 'edited' }
  | { sight: 'absent' }
  | { sight: 'unsettled'; why: string }
  | { sight: 'unasked'; error: CouldNotAsk };

/**
 * @param readWords asked for texts to search for, of those candidates that listings do not settle; an id may be absent from the answer
 * @returns a sight for each candidate, in the order given, as of now
 */
export async function lookAt<Sought extends Candidate>(
  plugin: Plugin,
  digests: Digester,
  options: Omit<ObserveOptions, 'manyNamespaces'>,
  candidates: readonly Sought[],
  readWords: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>,
): Promise<Array<[Sought, Sight]>> {
  const names = [...new Set(candidates.map(({ namespace }) => namespace))];
  const now = observe(plugin, { ...options, manyNamespaces: names });
  const wholes = await wholesOf(now, names);
  const beyond = candidates.filter(({ namespace }) => !wholes.get(namespace));
  const words = await readWords(beyond.map(({ id }) => id));

  async function see({ id, namespace, digest }: Sought): Promise<Sight> {
    const whole = wholes.get(namespace);
    if (whole) return judged(digest, whole.get(id));
    const look = await now.lookForEarlier(namespace, { id, content: words.get(id) ?? '' });
    return look.result === 'unsettled' ? { sight: 'unsettled', why: look.why } : judged(digest, foundBy(look));
  }

  function judged(digest: Digest, memory: ObservedMemory | undefined): Sight {
    if (!memory) return { sight: 'absent' };
    return digests.ofObserved(memory) === digest ? { sight: 'as-written', memory } : { sight: 'edited' };
  }

  return await Promise.all(
    candidates.map(async (candidate): Promise<[Sought, Sight]> => [candidate, await see(candidate).catch(unasked)]),
  );
}

/** Where many namespaces cannot be asked for at once, each is asked for by itself, and then says itself why it cannot. */
async function wholesOf(
  now: Observations,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, ObservedMemory>>> {
  try {
    const sightings = [...(await now.survey(names))];
    return new Map(sightings.flatMap(([name, sighting]) => ('whole' in sighting ? [[name, sighting.whole]] : [])));
  } catch (error) {
    if (error instanceof CouldNotAsk) return new Map();
    throw error;
  }
}

function foundBy(look: Look): ObservedMemory | undefined {
  return look.result === 'found' ? look.memory : undefined;
}

function unasked(error: unknown): Sight {
  if (error instanceof CouldNotAsk) return { sight: 'unasked', error };
  throw error;
}

/**
 * What the plugin holds of one memory, in each namespace that matters to it, at this moment: nothing is kept from one memory to the
 * next.
 */
import type { Plugin } from '../../client/resilience.ts';
import type { ObservedMemory } from '../../model/memory.ts';
import { type Observations, observe } from '../observations.ts';

export type Sight =
  | { sight: 'found'; memory: ObservedMemory }
  /** By a listing of the whole namespace, or only by a search for its words, which would not find it under other words. */
  | { sight: 'absent'; by: 'listing' | 'words' }
  | { sight: 'unsettled'; why: string };

export interface Sought {
  id: string;
  /** A text whose words would find it. */
  content: string;
}

export interface SightOptions {
  hasTextSearch: boolean;
  concurrency: number;
}

/** @returns what each of these namespaces shows of a memory at this moment. Throws CouldNotAsk */
export type Look = (namespaces: readonly string[], sought: Sought) => Promise<ReadonlyMap<string, Sight>>;

/** @param manyNamespaces with as many memories as possible between them, to learn from how many the plugin lists */
export function looker(plugin: Plugin, options: SightOptions, manyNamespaces: readonly string[]): Look {
  return async (namespaces, sought) => {
    const many = [...new Set([...namespaces, ...manyNamespaces])];
    const now = observe(plugin, { ...options, manyNamespaces: many });
    return new Map(await Promise.all(namespaces.map(async (name) => [name, await seen(now, name, sought)] as const)));
  };
}

async function seen(now: Observations, namespace: string, sought: Sought): Promise<Sight> {
  // Each of its words by itself may find what somebody has edited; only then is it asked whether it is not there at all.
  const any = await now.lookForEarlier(namespace, sought);
  if (any.result === 'found') return { sight: 'found', memory: any.memory };
  if (any.result === 'absent') {
    // Upon this a memory may be written over: words that find it prove that the listing only looked whole.
    const hidden = await now.findByAnyWord(namespace, sought);
    return hidden ? { sight: 'found', memory: hidden } : { sight: 'absent', by: 'listing' };
  }
  const same = await now.look(namespace, sought);
  if (same.result === 'found') return { sight: 'found', memory: same.memory };
  return same.result === 'absent' ? { sight: 'absent', by: 'words' } : { sight: 'unsettled', why: same.why };
}

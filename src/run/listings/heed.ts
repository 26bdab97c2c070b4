/**
 * How many namespaces of one request the plugin heeds: it is not taken for granted that it reads them to the end.
 *
 * At first it is taken to heed as many as a request may name, or whatever else is known of it. A request that proves not to have been
 * heeded to its end is made again in halves, and no later one is longer than those.
 *
 * Where nothing is expected in any of the namespaces, an answer that shows nothing of them proves as little. Such a request ends in a
 * control, a namespace that is known to show something, and its silence on the others counts only if it shows that. Once, the
 * control is asked for as the first of as long a request, too, since a plugin may heed the last of them alone. Every namespace that
 * has shown something may be a control: of those the ones with the fewest memories are kept, since they leave the most room.
 */
import type { ObservedMemory } from '../../model/memory.ts';
import type { Search } from './asking.ts';
import type { ListingCapacity } from './capacity.ts';

export interface Heed {
  /** The most namespaces in one request that the plugin may heed, for all that is known. */
  most(): number;
  /** Told of a request that was not heeded to its end. */
  notHeeded(names: readonly string[]): void;
  /** Told of how many memories a namespace has shown. */
  shown(name: string, memories: number): void;
  /**
   * Asks for namespaces that may rightly be empty, and for a control as the last of them. Throws CouldNotAsk.
   *
   * @param names fewer than a request may name
   * @returns what they show; `cut` where that need not be all; `nothing known` where there is no way to tell
   */
  searchStrictly(names: readonly string[]): Promise<ObservedMemory[] | 'cut' | 'nothing known'>;
}

/** Controls that are tried as the last of a request, should they be found empty by now. */
const CONTROLS = 3;

/** Controls that are kept. */
const CONTROLS_KEPT = 50;

/** @param atFirst the most namespaces of a request that it is taken to heed */
export function heed(search: Search, { isWhole }: ListingCapacity, atFirst: number): Heed {
  let most = atFirst;
  /** The most namespaces in one request of which the first is known to be heeded. */
  let firstHeeded = 0;
  /** Namespaces that have shown something, and how much. */
  const lively = new Map<string, number>();

  function notHeeded(names: readonly string[]): void {
    most = Math.min(most, Math.ceil(names.length / 2));
  }

  function shown(name: string, memories: number): void {
    lively.delete(name);
    if (memories === 0) return;
    lively.set(name, memories);
    if (lively.size <= 2 * CONTROLS_KEPT) return;
    const fullest = [...lively].sort(([, a], [, b]) => a - b).slice(CONTROLS_KEPT);
    for (const [each] of fullest) lively.delete(each);
  }

  async function searchStrictly(names: readonly string[]): Promise<ObservedMemory[] | 'cut' | 'nothing known'> {
    for (const control of controlsBeside(names)) {
      const memories = await search({ namespaces: [...names, control] });
      if (!(await isWhole(memories.length))) return 'cut';
      if (memories.some(({ namespace }) => namespace === control)) {
        if (!(await heedsFirst(control, names))) return 'cut';
        return memories.filter(({ namespace }) => namespace !== control);
      }
      if ((await search({ namespaces: [control] })).length > 0) {
        notHeeded(names);
        return 'cut';
      }
      lively.delete(control);
    }
    return 'nothing known';
  }

  async function heedsFirst(control: string, names: readonly string[]): Promise<boolean> {
    if (names.length <= firstHeeded) return true;
    const memories = await search({ namespaces: [control, ...names] });
    const isHeeded = memories.some(({ namespace }) => namespace === control);
    if (isHeeded) firstHeeded = Math.max(firstHeeded, names.length);
    else notHeeded(names);
    return isHeeded;
  }

  function controlsBeside(names: readonly string[]): string[] {
    const others = [...lively].filter(([name]) => !names.includes(name));
    return others
      .sort(([, a], [, b]) => a - b)
      .slice(0, CONTROLS)
      .map(([name]) => name);
  }

  return { most: () => most, notHeeded, shown, searchStrictly };
}

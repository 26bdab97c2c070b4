/** How a repair tells what became of a memory, or would. Pure. */
import type { ObservedMemory } from '../../model/memory.ts';
import type { LeftReason, Mending, RepairedMemory } from '../../model/repair.ts';
import type { Complaint } from './complaints.ts';
import type { Decision } from './decision.ts';

/** What has become of a memory. */
export type Deed =
  | { deed: 'mended'; how: Mending; sentence: string }
  | { deed: 'left'; reason: LeftReason; sentence: string }
  | { deed: 'failed'; sentence: string };

/** What would become of it, were it acted upon. */
export function deedIntended(decision: Decision): Deed {
  switch (decision.do) {
    case 'send': {
      const { planned, from } = decision;
      return from.length > 0
        ? { deed: 'mended', how: 'moved', sentence: `would be moved to ${planned.namespace.name}` }
        : { deed: 'mended', how: 'sent', sentence: `would be sent to ${planned.namespace.name}` };
    }
    case 'clear':
    case 'forget':
      return { deed: 'mended', how: 'forgotten', sentence: `would be forgotten in ${namesOf(decision.from)}` };
    case 'nothing':
      return { deed: 'mended', how: 'already', sentence: decision.sentence };
    case 'leave':
      return { deed: 'left', reason: decision.reason, sentence: decision.sentence };
  }
}

export function namesOf(memories: readonly ObservedMemory[]): string {
  return memories.map(({ namespace }) => namespace).join(' and ');
}

/** @param namespace where the row belongs now; null where that is nowhere, or not known */
export function told(complaint: Complaint, namespace: string | null, deed: Deed): RepairedMemory {
  const { id, foundAs, kinds, foundIn } = complaint;
  return {
    id,
    foundAs,
    kinds: [...kinds],
    outcome: deed.deed === 'mended' ? deed.how : deed.deed,
    reason: deed.deed === 'left' ? deed.reason : null,
    namespace,
    foundIn: foundIn.filter((name) => name !== namespace),
    sentence: deed.sentence,
    next: nextOf(deed, foundAs ?? id),
  };
}

function nextOf(deed: Deed, memoryId: string): string | null {
  if (deed.deed === 'mended') return null;
  return deed.deed === 'left' ? NEXT[deed.reason](memoryId) : 'Run the same command again.';
}

const VERIFY_AGAIN = 'Verify again, and repair from the new report.';

const NEXT: Record<LeftReason, (memoryId: string) => string> = {
  acknowledged: () =>
    "If the source's version is to win: the same with --include-acknowledged; if the plugin's is, correct the row in the source. A memory that is to be absent is given up by name with --accept.",
  changed: () => VERIFY_AGAIN,
  gone: (id) => `Look at ${id} in the plugin: if it must not be there, have it forgotten.`,
  text: (id) =>
    `Look at both: if they only happen to read the same, accept ${id} with --accept; if not, have it forgotten in the plugin.`,
  copy: (id) => `Have ${id} forgotten in the plugin, unless somebody means it to be there.`,
  unproven: () => 'Look it up through the plugin; --allow-unproven lets so many pass in a verify.',
  unsettled: () =>
    'Look it up through the plugin, or verify again: nothing was done that could not be told to be right.',
};

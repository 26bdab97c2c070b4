/**
 * Listings that are kept, so that a namespace is asked for once, and siblings share their team's listing.
 *
 * A listing is kept from when it is asked for, so that whoever asks meanwhile waits for the same answer; it weighs nothing until it is
 * there. One for which there was no answer is kept as that. They are let go between pages alone, once their contents
 * outgrow the bound, the least recently used first.
 */
import type { ObservedMemory } from '../../model/memory.ts';
import type { Listing } from './listing.ts';

export interface KeptListings {
  listing(namespace: string): Promise<Listing>;
  /** Lets go of listings until the rest fits the bound. @returns the namespaces that were let go */
  trim(): string[];
}

/** UTF-8 bytes, roughly: the contents that are kept between pages. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** Bytes, roughly, that a memory or a listing takes beside its contents. */
const ENTRY_BYTES = 500;

export function keptListings(list: (namespace: string) => Promise<Listing>): KeptListings {
  const kept = new Map<string, Promise<Listing>>();
  const sizes = new Map<string, number>();

  function listing(namespace: string): Promise<Listing> {
    const known = kept.get(namespace) ?? weighed(namespace);
    kept.delete(namespace);
    kept.set(namespace, known);
    return known;
  }

  async function weighed(namespace: string): Promise<Listing> {
    const listing = await list(namespace);
    sizes.set(namespace, sizeOf(listing));
    return listing;
  }

  function trim(): string[] {
    const gone: string[] = [];
    let bytes = [...kept.keys()].reduce((sum, namespace) => sum + (sizes.get(namespace) ?? 0), 0);
    for (const namespace of kept.keys()) {
      if (bytes <= KEPT_BYTES) break;
      bytes -= sizes.get(namespace) ?? 0;
      kept.delete(namespace);
      sizes.delete(namespace);
      gone.push(namespace);
    }
    return gone;
  }

  return { listing, trim };
}

/** Bytes, roughly. */
function sizeOf({ memories }: Listing): number {
  return [...memories.values()].reduce((sum, memory) => sum + sizeOfOne(memory), ENTRY_BYTES);
}

function sizeOfOne({ content, embedding }: ObservedMemory): number {
  return content.length + 8 * (embedding?.length ?? 0) + ENTRY_BYTES;
}

/** Whether the plugin does what it announces, as far as a copy or its proof makes use of it. */
import { isDeepStrictEqual } from 'node:util';
import { type Check, type Finding, failed, passed, unanswered } from './check.ts';
import type { Trial } from './trial.ts';

/** Of the shape that a copied row carries, with what plugins have been seen to lose: nulls, and digits of a timestamp. */
const PROPAGATION = {
  backfill: {
    run_id: '00000000-0000-4000-8000-000000000000',
    source: 'agent_memories',
    tag: null,
    created_at: '2024-02-29 23:59:59.123456+00',
    nested: { list: [1, 'two', null], empty: {} },
  },
} as const;

const HOUR = 3_600_000;
/** Milliseconds until a memory expires that is to be seen expiring: long enough for a plugin that refuses what is past. */
const SOON = 1_500;

export function capabilityChecks(trial: Trial): Check[] {
  async function propagation(): Promise<Finding> {
    const id = trial.freshId();
    const content = 'memory-backfill preflight: with propagation';
    const written = await trial.commit({ id, content, propagation: PROPAGATION });
    if (!written.ok) return unanswered('A memory with propagation could not be written', written.failure);
    const found = await trial.lookUntil((memories) => memories.some((memory) => sameId(memory, id)));
    if (!found.ok) return unanswered('A memory with propagation could not be searched for', found.failure);
    const memory = found.value.memories.find((each) => sameId(each, id));
    if (!memory) return failed('A memory with propagation was acknowledged and is not found.');
    return isDeepStrictEqual(memory.propagation, PROPAGATION)
      ? passed('Propagation comes back as it was sent.')
      : failed(`Propagation comes back ${memory.propagation ? 'changed' : 'not at all'}: no copy would pass a verify.`);
  }

  async function expiry(): Promise<Finding> {
    const [lasting, fleeting] = [trial.freshId(), trial.freshId()];
    const pluginTime = () => trial.now() + (trial.clock?.aheadMs ?? 0);
    const later = new Date(pluginTime() + HOUR).toISOString();
    for (const [id, expires_at] of [
      [lasting, later],
      [fleeting, new Date(pluginTime() + SOON).toISOString()],
    ] as const) {
      const content = 'memory-backfill preflight: with an expiry';
      const written = await trial.commit({ id, content, expires_at });
      if (!written.ok) return unanswered('A memory with an expiry could not be written', written.failure);
    }

    const found = await trial.lookUntil((memories) => memories.some((memory) => sameId(memory, lasting)));
    if (!found.ok) return unanswered('A memory with an expiry could not be searched for', found.failure);
    const memory = found.value.memories.find((each) => sameId(each, lasting));
    if (!memory) return failed('A memory that expires in an hour is not found.');
    if (!memory.expires_at) return failed('An expiry does not come back.');
    if (Date.parse(memory.expires_at) !== Date.parse(later)) return failed('An expiry comes back as another time.');

    const isGone = (memories: ReadonlyArray<{ id: string }>) => !memories.some((each) => sameId(each, fleeting));
    const looked = await trial.lookUntil(isGone, {}, SOON);
    if (!looked.ok) return unanswered('An expired memory could not be searched for', looked.failure);
    return looked.value.seen
      ? passed('An expiry comes back as it was sent, and what has expired is not found.')
      : failed('A memory that has expired is still found.');
  }

  async function words(): Promise<Finding> {
    const id = trial.freshId();
    const written = await trial.commit({
      id,
      content: 'memory-backfill preflight: a walrus sleeps on the harbour wall',
    });
    if (!written.ok) return unanswered('A memory could not be written', written.failure);
    const query = 'sleeping walrus';
    const found = await trial.lookUntil((memories) => memories.some((memory) => sameId(memory, id)), { query });
    if (!found.ok) return unanswered('A search by words did not succeed', found.failure);
    if (!found.value.seen) return failed('A memory is not found by two of its words.');
    const others = await trial.search({ query: 'unwritten xylophone' });
    if (!others.ok) return unanswered('A search by words did not succeed', others.failure);
    return others.value.some((memory) => sameId(memory, id))
      ? failed('A search by words finds memories that have none of them.')
      : passed('A memory is found by its words, and not by others.');
  }

  return [
    { name: 'propagation', grade: 'blocks', needs: ['read-after-write'], capability: 'propagation', find: propagation },
    { name: 'ttl', grade: 'warns', needs: ['read-after-write'], capability: 'ttl', find: expiry },
    { name: 'fts', grade: 'warns', needs: ['read-after-write'], capability: 'fts', find: words },
  ];
}

function sameId({ id }: { id: string }, expected: string): boolean {
  return id.toLowerCase() === expected;
}

/** What a copy stands on: namespaces are made, memories stored under their ids and read back as they were sent. */
import { type Check, type Finding, failed, passed, unanswered, warned } from './check.ts';
import type { Trial } from './trial.ts';

/** Content that has been known to come back changed, by what it is called in a finding. */
const DIFFICULT = {
  emoji: '👩🏽‍💻 🚀 👨‍👩‍👧‍👦 🇳🇱',
  'line separators': 'one\u2028two\u2029three\r\nfour\tfive',
  'combining marks': 'cafe\u0301 is not caf\u00e9, \u1e9b\u0323 is not \u017f\u0323\u0307',
  'right-to-left text': 'שלום ثم العربية \u202eoverride\u202c',
  'white space at both ends': '  kept as it is \n',
  '200 kB': 'A long memory is kept whole. '.repeat(6_900).trim(),
} as const;

export function writeChecks(trial: Trial): Check[] {
  const { namespace, client } = trial;
  const first = { id: trial.freshId(), content: 'memory-backfill preflight: the first memory' };
  /** When its commit was sent and answered, by the clock of this machine. */
  let written = { from: 0, to: 0 };
  const isFirst = ({ id }: { id: string }) => id.toLowerCase() === first.id;

  /** As an apply does it: with its kind alone. */
  async function putTwice(): Promise<Finding> {
    for (const time of ['The first', 'The second']) {
      const put = await trial.patiently(() => client.upsertNamespace(namespace, { kind: 'custom' }));
      if (!put.ok) return unanswered(`${time} PUT of a namespace did not succeed`, put.failure);
      if (put.value.kind !== 'custom') {
        return failed(`${time} PUT of a namespace of the kind "custom" made one of the kind "${put.value.kind}".`);
      }
    }
    return passed('A namespace can be put, and put again.');
  }

  async function commitFirst(): Promise<Finding> {
    const from = trial.now();
    const answer = await trial.commit(first);
    written = { from, to: trial.now() };
    if (!answer.ok) return unanswered('A memory could not be written', answer.failure);
    return passed('A memory with an id is stored under it.');
  }

  async function readBack(): Promise<Finding> {
    const looked = await trial.lookUntil((memories) => memories.some(isFirst));
    if (!looked.ok) return unanswered('What was written could not be searched for', looked.failure);
    const { memories, atOnce, lagMs } = looked.value;
    const found = memories.find(isFirst);
    if (!found) return failed(`A memory that was acknowledged is not found under its id within ${seconds(lagMs)}.`);
    if (found.namespace !== namespace) return failed('A memory is found in another namespace than it was written to.');
    if (found.content !== first.content) return failed('A memory is found with another content than was written.');
    trial.clock = {
      aheadMs: Date.parse(found.created_at) - (written.from + written.to) / 2,
      uncertainMs: (written.to - written.from) / 2,
    };
    return atOnce
      ? passed('What was acknowledged is found at once.')
      : warned(`What was acknowledged is found only after ${seconds(lagMs)}: wait as long before a verify.`);
  }

  async function difficultContent(): Promise<Finding> {
    const sent = new Map<string, { what: string; content: string }>();
    for (const [what, content] of Object.entries(DIFFICULT)) {
      const id = trial.freshId();
      const written = await trial.commit({ id, content });
      if (!written.ok) return unanswered(`A memory with ${what} could not be written`, written.failure);
      sent.set(id, { what, content });
    }
    const looked = await trial.lookUntil((memories) => {
      const ids = new Set(memories.map(({ id }) => id.toLowerCase()));
      return [...sent.keys()].every((id) => ids.has(id));
    });
    if (!looked.ok) return unanswered('What was written could not be searched for', looked.failure);
    const found = new Map(looked.value.memories.map(({ id, content }) => [id.toLowerCase(), content]));
    const changed = [...sent].filter(([id, { content }]) => found.has(id) && found.get(id) !== content);
    const lost = [...sent].filter(([id]) => !found.has(id));
    const named = (some: typeof changed) => some.map(([, { what }]) => what).join(', ');
    if (changed.length > 0) return failed(`Content comes back changed: ${named(changed)}.`);
    if (lost.length > 0) return failed(`Memories were acknowledged and are not found: ${named(lost)}.`);
    return passed(`Content comes back byte for byte: ${Object.keys(DIFFICULT).join(', ')}.`);
  }

  async function sameIdAgain(): Promise<Finding> {
    const content = 'memory-backfill preflight: the first memory, written again';
    const written = await trial.commit({ id: first.id, content });
    if (!written.ok) return unanswered('A memory could not be written again under its id', written.failure);
    const looked = await trial.lookUntil((memories) =>
      memories.some((each) => isFirst(each) && each.content === content),
    );
    if (!looked.ok) return unanswered('What was written again could not be searched for', looked.failure);
    const { memories, seen } = looked.value;
    const rows = memories.filter((each) => isFirst(each) || each.content === first.content);
    if (rows.length > 1) return failed('The same id written again leaves a second memory beside the first.');
    if (seen) return passed('The same id written again replaces the memory, and leaves one.');
    const what = rows.length === 1 ? 'still has its first content' : 'is not found any more';
    return failed(`A memory written again under its id ${what}.`);
  }

  async function withoutId(): Promise<Finding> {
    const content = 'memory-backfill preflight: without an id';
    const ids: string[] = [];
    for (const _time of [1, 2]) {
      const written = await client.commitMemory(namespace, { content, kind: 'fact', source: 'agent' });
      if (!written.ok) return unanswered('A memory without an id could not be written', written.failure);
      ids.push(written.value.id.toLowerCase());
    }
    const looked = await trial.lookUntil((memories) => memories.filter((each) => each.content === content).length > 1);
    if (!looked.ok) return unanswered('What was written could not be searched for', looked.failure);
    const rows = looked.value.memories.filter((each) => each.content === content).length;
    return rows === 2 && new Set(ids).size === 2
      ? passed('Two memories without an id get one each.')
      : failed(`Two memories without an id that hold the same became ${rows}.`);
  }

  /** An apply makes a namespace when a commit says that it is missing: by 404, or by 500 as plugins in the field do. */
  async function missingNamespace(): Promise<Finding> {
    const missing = `${namespace}-missing`;
    const memory = {
      id: trial.freshId(),
      content: 'memory-backfill preflight: nowhere',
      kind: 'fact',
      source: 'agent',
    };
    const send = () => client.commitMemory(missing, { ...memory, kind: 'fact', source: 'agent' });
    let answer = await send();
    if (!answer.ok && answer.failure.transient && answer.failure.status !== 500) answer = await trial.patiently(send);
    if (answer.ok || answer.failure.status === undefined) trial.alsoRemove(missing);
    if (answer.ok) return passed('A commit into a namespace that is missing makes it.');
    const { failure } = answer;
    if (failure.suggests === 'namespace-missing')
      return passed('A commit into a namespace that is missing is answered 404.');
    if (failure.suggests === 'namespace-doubtful') {
      return passed('A commit into a namespace that is missing is answered 500, not 404; an apply can tell.');
    }
    return unanswered('A commit into a namespace that is missing does not say so, and none would be made', failure);
  }

  return [
    { name: 'namespace', grade: 'blocks', needs: ['version'], find: putTwice },
    { name: 'commit', grade: 'blocks', needs: ['namespace'], find: commitFirst },
    { name: 'read-after-write', grade: 'blocks', needs: ['commit'], find: readBack },
    { name: 'upsert', grade: 'blocks', needs: ['read-after-write'], find: sameIdAgain },
    { name: 'content', grade: 'blocks', needs: ['read-after-write'], find: difficultContent },
    { name: 'missing-namespace', grade: 'blocks', needs: ['commit'], find: missingNamespace },
    { name: 'fresh-ids', grade: 'warns', needs: ['read-after-write'], find: withoutId },
  ];
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/**
 * Writes memories into namespaces that may not exist yet, without ever replacing one that does.
 *
 * PUT replaces a namespace whole, metadata and expiry included, and version 1 of the contract has no way to ask whether one
 * exists. What proves that it does: a commit that succeeded, or a memory that a search finds in it. So a row is committed
 * first, and only where the answer says that the namespace is missing (404), or may be (500, its search finds nothing, and
 * the row's next commit is answered 500 again), is it put, once, and the row committed once more. What stays at risk are the
 * attributes of a namespace that exists, shows no memory, and answers two commits in a row with 500; a notice says so.
 *
 * States of a namespace, for as long as the run lasts:
 *
 *   (not known)  nothing has been written to it by this run
 *   proving      the first row is on its way into it; whoever comes meanwhile waits for what becomes of that
 *   proven       it exists
 *
 * A crash between the PUT and the second commit leaves an empty namespace, which the next run finds by its 201.
 */
import type { CommitCare, Plugin } from '../client/resilience.ts';
import { type Answer, type Failure, failureAfter } from '../model/failure.ts';
import type { Namespace, PlannedWrite } from '../model/memory.ts';

export interface NamespaceWriter {
  /** Commits a row under its own id, making its namespace where that is missing. `attempts` counts commits alone. */
  commit(planned: PlannedWrite): Promise<Answer<unknown>>;
  /** Namespaces that were put. */
  created(): number;
}

/** @param notice told once where a namespace is made that may have existed without memories */
export function namespaceWriter(
  plugin: Pick<Plugin, 'commit' | 'putNamespace' | 'search'>,
  notice: (sentence: string) => void,
): NamespaceWriter {
  const proven = new Set<string>();
  const proving = new Map<string, Promise<unknown>>();
  let created = 0;
  let warned = false;

  function commit(planned: PlannedWrite): Promise<Answer<unknown>> {
    return proven.has(planned.namespace.name) ? plugin.commit(planned, SURE) : commitInTurn(planned);
  }

  async function commitInTurn(planned: PlannedWrite): Promise<Answer<unknown>> {
    const { name } = planned.namespace;
    for (let first = proving.get(name); first; first = proving.get(name)) await first;
    if (proven.has(name)) return await commit(planned);
    const answer = commitFirst(planned);
    proving.set(name, answer);
    return await answer.finally(() => proving.delete(name));
  }

  async function commitFirst(planned: PlannedWrite): Promise<Answer<unknown>> {
    const { namespace } = planned;
    let answer = await attempt(planned, 0);
    if (isDoubtful(answer) && !proven.has(namespace.name)) {
      const shows = await showsMemories(namespace);
      if (typeof shows !== 'boolean') {
        return saysNothingOfTheRow(shows) ? { ok: false, failure: shows, attempts: answer.attempts } : answer;
      }
      if (shows) proven.add(namespace.name);
      answer = joined(answer, await attempt(planned, answer.attempts));
    }
    if (answer.ok || proven.has(namespace.name) || answer.failure.suggests === undefined) return answer;

    if (isDoubtful(answer)) warn();
    const put = await plugin.putNamespace(namespace);
    if (!put.ok) return { ...put, attempts: answer.attempts };
    created++;
    proven.add(namespace.name);
    return joined(answer, await attempt(planned, answer.attempts));
  }

  async function attempt(planned: PlannedWrite, spent: number): Promise<Answer<unknown>> {
    const { name } = planned.namespace;
    const answer = await plugin.commit(planned, { doubtful: !proven.has(name), spent });
    if (answer.ok) proven.add(name);
    return answer;
  }

  /** @returns a failure where the plugin could not be asked */
  async function showsMemories({ name }: Namespace): Promise<boolean | Failure> {
    const found = await plugin.search({ namespaces: [name], limit: 1 });
    return found.ok ? found.value.length > 0 : found.failure;
  }

  function warn(): void {
    if (warned) return;
    warned = true;
    notice(
      'The plugin answers 500 where a namespace seems to be missing. One that exists and shows no memory cannot be told from that, and loses its metadata and expiry when it is made anew.',
    );
  }

  return { commit, created: () => created };
}

/** As nearly all rows are committed: into a namespace that exists. */
const SURE: CommitCare = { doubtful: false, spent: 0 };

/** Neither an outage nor the order to stop is the row's: it was not settled, and stays to be done. */
function saysNothingOfTheRow({ cause }: Failure): boolean {
  return cause === 'outage' || cause === 'stopped';
}

function isDoubtful(answer: Answer<unknown>): boolean {
  return !answer.ok && answer.failure.suggests === 'namespace-doubtful';
}

function joined(earlier: Answer<unknown>, later: Answer<unknown>): Answer<unknown> {
  const attempts = earlier.attempts + later.attempts;
  if (later.ok || earlier.ok) return { ...later, attempts };
  return { ok: false, failure: failureAfter(earlier.failure, later.failure), attempts };
}

/**
 * Writes memories into namespaces that may not exist yet, without ever replacing one that does.
 *
 * PUT replaces a namespace whole, metadata and expiry included, and version 1 of the contract has no way to ask whether one
 * exists. What proves that it does: a commit that succeeded, or a memory that a search finds in it. So a row is committed
 * first, and only where the answer says that the namespace is missing (404), or may be (500, and its search finds nothing),
 * is it put, once, and the row committed again. What stays at risk are the attributes of a namespace that exists, holds no
 * memory that search would show, and belongs to a plugin that answers 500.
 *
 * States of a namespace, for as long as the run lasts:
 *
 *   (not known)  nothing has been written to it by this run
 *   proven       it exists
 *
 * A crash between the PUT and the second commit leaves an empty namespace, which the next run finds by its 201.
 *
 * Rows of one namespace must be committed one after the other until it is proven; the caller sees to that.
 */
import type { Plugin } from '../client/resilience.ts';
import type { Answer, Failure } from '../model/failure.ts';
import type { Namespace, PlannedWrite } from '../model/memory.ts';

export interface NamespaceWriter {
  /** Commits a row under its own id, making its namespace where that is missing. `attempts` counts commits alone. */
  commit(planned: PlannedWrite): Promise<Answer<unknown>>;
  /** Namespaces that were put. */
  created(): number;
}

export function namespaceWriter(plugin: Plugin): NamespaceWriter {
  const proven = new Set<string>();
  let created = 0;

  async function commit(planned: PlannedWrite): Promise<Answer<unknown>> {
    const { namespace } = planned;
    const first = await attempt(planned, 0);
    if (first.ok || proven.has(namespace.name)) return first;

    const obstacle = await missing(namespace, first.failure);
    if (obstacle === 'exists') proven.add(namespace.name);
    else if (obstacle === 'missing') {
      const put = await plugin.putNamespace(namespace);
      if (!put.ok) return { ...put, attempts: first.attempts };
      created++;
      proven.add(namespace.name);
    } else return { ok: false, failure: obstacle, attempts: first.attempts };

    const second = await attempt(planned, first.attempts);
    return { ...second, attempts: first.attempts + second.attempts };
  }

  async function attempt(planned: PlannedWrite, spent: number): Promise<Answer<unknown>> {
    const { name } = planned.namespace;
    const answer = await plugin.commit(planned, { doubtful: !proven.has(name), spent });
    if (answer.ok) proven.add(name);
    return answer;
  }

  /** @returns what the failure of a first commit says of its namespace; a failure where that cannot be told */
  async function missing({ name }: Namespace, failure: Failure): Promise<'missing' | 'exists' | Failure> {
    if (failure.suggests === 'namespace-missing') return 'missing';
    if (failure.suggests !== 'namespace-doubtful') return failure;
    const found = await plugin.search({ namespaces: [name], limit: 1 });
    if (!found.ok) return failure;
    return found.value.length > 0 ? 'exists' : 'missing';
  }

  return { commit, created: () => created };
}

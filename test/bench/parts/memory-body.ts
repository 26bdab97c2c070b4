/** The request of a commit as the command line sends it, byte for byte of the same length, for everybody that it is compared with. */
import { contentOf, workspaceId } from './planting.ts';

export interface Commits {
  /** Of the plugin, without a trailing slash. */
  url: string;
  /** Namespaces that take the commits in turn. */
  namespaces: number;
  contentBytes: number;
}

export interface Commit {
  path: string;
  body: string;
}

export const JSON_HEADERS = { 'content-type': 'application/json' };

export function namespaceName(number: number): string {
  return `workspace:${workspaceId(number)}`;
}

/** @returns for each call another commit, under an id that nobody had before */
export function commitsInTurn({ namespaces, contentBytes }: Omit<Commits, 'url'>): () => Commit {
  const runId = crypto.randomUUID();
  let number = 0;
  return () => {
    const turn = number++;
    const workspace = workspaceId(turn % namespaces);
    const backfill = {
      run_id: runId,
      source: 'agent_memories',
      workspace_id: workspace,
      scope: 'LOCAL',
      tag: 'general',
      created_at: '2025-01-01 12:00:00.123456+00',
      updated_at: '2025-01-01 12:00:00.123456+00',
    };
    const content = contentOf(turn, contentBytes);
    const memory = { id: crypto.randomUUID(), content, kind: 'fact', source: 'agent', propagation: { backfill } };
    return { path: `/v1/namespaces/workspace:${workspace}/memories`, body: JSON.stringify(memory) };
  };
}

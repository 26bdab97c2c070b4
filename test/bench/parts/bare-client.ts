/**
 * The least that a client in this language can do: undici's `request` over keep-alive connections, the body built, sent, and the answer
 * read as text. No retries, no checks, no order, no ledger, no source.
 */
import { Pool } from 'undici';
import { type Commits, commitsInTurn, JSON_HEADERS } from './memory-body.ts';
import { program } from './program.ts';

export interface BareTask extends Commits {
  connections: number;
  requests: number;
}

/** @throws Error at the first answer that is no 201 */
export const bareClient = program(import.meta, async (task: BareTask): Promise<{ perSecond: number }> => {
  const pool = new Pool(task.url, { connections: task.connections });
  const next = commitsInTurn(task);
  let left = task.requests;

  async function sendInTurn(): Promise<void> {
    while (left-- > 0) {
      const { path, body } = next();
      const answer = await pool.request({ path, method: 'POST', headers: JSON_HEADERS, body });
      await answer.body.text();
      if (answer.statusCode !== 201) throw new Error(`A commit was answered with ${answer.statusCode}.`);
    }
  }

  const began = performance.now();
  await Promise.all(Array.from({ length: task.connections }, sendInTurn));
  const seconds = (performance.now() - began) / 1000;
  await pool.close();
  return { perSecond: task.requests / seconds };
});

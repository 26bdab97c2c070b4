/**
 * autocannon, with a fresh id and the next namespace for every request: the most that a plugin takes from anybody. It runs in a process
 * of its own, as the command line does.
 *
 * The rate is that between the first answer and the last, by this program's own clock: autocannon rounds its own to seconds.
 */
import autocannon from 'autocannon';
import { type Commits, commitsInTurn, JSON_HEADERS } from './memory-body.ts';
import { program } from './program.ts';

export interface Load extends Commits {
  /** Requests under way at a time, each on a connection of its own. */
  connections: number;
  /** So many requests, or for so many seconds. */
  amount: { requests: number } | { seconds: number };
}

/** @throws Error where any request is answered by anything but success */
export const loadGenerator = program(import.meta, async (load: Load): Promise<{ perSecond: number }> => {
  const next = commitsInTurn(load);
  const { amount } = load;
  const answers = { count: 0, first: 0, last: 0 };
  const finished = Promise.withResolvers<autocannon.Result>();
  const options: autocannon.Options = {
    url: load.url,
    connections: load.connections,
    timeout: 60,
    ...('requests' in amount ? { amount: amount.requests } : { duration: amount.seconds }),
    requests: [{ method: 'POST', headers: JSON_HEADERS, setupRequest: (request) => Object.assign(request, next()) }],
  };
  const run = autocannon(options, (error, result) => (error ? finished.reject(error) : finished.resolve(result)));
  run.on('response', () => {
    answers.last = performance.now();
    if (answers.count++ === 0) answers.first = answers.last;
  });
  const { non2xx, errors } = await finished.promise;
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} of ${answers.count} requests did not succeed.`);
  return { perSecond: ((answers.count - 1) * 1000) / (answers.last - answers.first) };
});

/** What the plugin must refuse, and how it says so. A copy survives all of this done wrong; the operator should know. */
import type { Reply } from '../../client/plugin-client.ts';
import { type Check, type Finding, failed, passed, saidNothing, unanswered, unasked } from './check.ts';
import type { Trial } from './trial.ts';

/** A request that must be refused, and the `reason` of the refusal. */
interface Wrong {
  what: string;
  expected: '400 bad_request' | '404 not_found';
  send(): Promise<Reply<unknown>>;
}

export function refusalChecks(trial: Trial): Check[] {
  const { namespace, client } = trial;

  async function forget(): Promise<Finding> {
    const id = trial.freshId();
    const isThere = (memories: ReadonlyArray<{ id: string }>) => memories.some((each) => each.id.toLowerCase() === id);
    const asking = (requested_by_namespace: string) =>
      trial.patiently(() => client.forgetMemory(id, { requested_by_namespace }));

    const written = await trial.commit({ id, content: 'memory-backfill preflight: to be forgotten' });
    if (!written.ok) return unanswered('A memory could not be written', written.failure);

    const asStranger = await asking(`${namespace}-stranger`);
    if (asStranger.ok) return failed('Another namespace may have a memory forgotten that is not its own.');
    if (!asStranger.failure.suggests) {
      return unanswered('Having a memory forgotten by another namespace was not refused as such', asStranger.failure);
    }
    const kept = await trial.lookUntil(isThere);
    if (!kept.ok) return unanswered('A memory could not be searched for', kept.failure);
    if (!kept.value.seen) return failed('A memory is gone though another namespace was refused to have it forgotten.');

    const forgotten = await asking(namespace);
    if (!forgotten.ok) return unanswered('A memory could not be forgotten', forgotten.failure);
    const gone = await trial.lookUntil((memories) => !isThere(memories));
    if (!gone.ok) return unanswered('A forgotten memory could not be searched for', gone.failure);
    if (!gone.value.seen) return failed('A forgotten memory is still found.');

    const again = await asking(namespace);
    if (again.ok) return failed('A memory that is forgotten can be forgotten again, as if it were there.');
    if (!again.failure.suggests) return unanswered('Forgetting a memory again was not refused as such', again.failure);
    return passed(
      `A memory can be forgotten, once and by its own namespace alone (others: ${asStranger.failure.reason}).`,
    );
  }

  async function errors(): Promise<Finding> {
    const nowhere = `${namespace}-unknown`;
    const wrongs: Wrong[] = [
      {
        what: 'a memory without content',
        expected: '400 bad_request',
        send: () => client.commitMemory(namespace, { id: trial.freshId(), content: '', kind: 'fact', source: 'agent' }),
      },
      {
        what: 'a search of no namespace',
        expected: '400 bad_request',
        send: () => client.searchMemories({ namespaces: [] }),
      },
      {
        what: 'forgetting an unknown memory',
        expected: '404 not_found',
        send: () => client.forgetMemory(trial.freshId(), { requested_by_namespace: namespace }),
      },
      { what: 'deleting an unknown namespace', expected: '404 not_found', send: () => client.deleteNamespace(nowhere) },
    ];
    const otherwise: string[] = [];
    for (const { what, expected, send } of wrongs) {
      const answer = await trial.patiently(send);
      if (!answer.ok && saidNothing(answer.failure))
        return unasked(`How ${what} is refused could not be seen: ${answer.failure.sentence}`);
      const seen = answer.ok ? 'accepted' : `answered ${answer.failure.reason}`;
      if (answer.ok || answer.failure.reason !== expected) otherwise.push(`${what} is ${seen} instead of ${expected}`);
    }
    return otherwise.length === 0
      ? passed("Invalid requests are answered 400, unknown memories and namespaces 404, with the contract's error.")
      : failed(`Errors are not the contract's: ${otherwise.join('; ')}.`);
  }

  async function limit(): Promise<Finding> {
    const answer = await trial.search({ limit: 101 });
    if (answer.ok)
      return failed('A search for 101 memories is not refused, though 100 is the most that one may ask for.');
    return answer.failure.status === 400
      ? passed('A search for 101 memories is refused.')
      : unanswered('A search for 101 memories was not refused as such', answer.failure);
  }

  return [
    { name: 'forget', grade: 'warns', needs: ['read-after-write'], find: forget },
    { name: 'errors', grade: 'warns', needs: ['commit'], find: errors },
    { name: 'limit', grade: 'warns', needs: ['commit'], find: limit },
  ];
}

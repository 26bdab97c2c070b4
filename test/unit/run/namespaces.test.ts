/** What a commit into a namespace that may be missing has to tell when it fails. The plugin is a stand-in with answers in a row. */
import { expect, test } from 'vitest';
import type { CommitCare } from '../../../src/client/resilience.ts';
import type { Answer, Failure } from '../../../src/model/failure.ts';
import { namespaceWriter } from '../../../src/run/namespaces.ts';
import { plannedRow } from '../../support/planned.ts';

const ROW = plannedRow();

function failed(reason: string, suggests?: Failure['suggests'], attempts = 1): Answer<never> {
  const failure: Failure = {
    cause: 'refused',
    reason,
    transient: true,
    sentence: 'No.',
    ...(suggests && { suggests }),
  };
  return { ok: false, attempts, failure };
}

/** What comes of a commit whose calls are answered so, one after the other, in a namespace that shows no memory. */
async function committed(...answers: Array<Answer<unknown>>) {
  const cares: CommitCare[] = [];
  const done = { ok: true, attempts: 1 } as const;
  const writer = namespaceWriter(
    {
      async commit(_row, care) {
        cares.push(care);
        const answer = answers[cares.length - 1];
        if (!answer) throw new Error('No answer was given.');
        return answer;
      },
      putNamespace: async () => ({ ...done, value: null }),
      search: async () => ({ ...done, value: [] }),
    },
    () => {},
  );
  const answer = await writer.commit(ROW);
  return { reason: answer.ok ? null : answer.failure.reason, attempts: answer.attempts, cares };
}

test('an answer that was lost on the way is told of, whatever the last call met with', async () => {
  const lost = failed('500 internal, after a lost answer', 'namespace-doubtful', 2);
  expect(await committed(lost, failed('500 internal', 'namespace-doubtful'), failed('429 unavailable'))).toMatchObject({
    reason: '429 unavailable, after a lost answer',
    attempts: 4,
  });
});

test('where every answer was heard, the last one alone is told', async () => {
  const doubtful = failed('500 internal', 'namespace-doubtful');
  expect(await committed(doubtful, doubtful, failed('429 unavailable'))).toMatchObject({ reason: '429 unavailable' });
});

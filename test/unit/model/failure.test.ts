import { expect, test } from 'vitest';
import { type Failure, failureAfter, mayBeDone } from '../../../src/model/failure.ts';

function failure(reason: string, cause: Failure['cause'] = 'refused'): Failure {
  return { cause, reason, transient: false, sentence: 'It failed.' };
}

test.each(['deadline', 'transport ECONNRESET', '201 malformed', '502 foreign', '408 foreign'])(
  'after "%s" the plugin may have done it, and what is answered to a repetition does not take that back',
  (lost) => {
    const refused = failureAfter(failure(lost), failure('400'));
    expect(mayBeDone(lost)).toBe(true);
    expect(refused).toEqual(failure('400, after a lost answer'));
    expect(mayBeDone(refused.reason)).toBe(true);
    expect(failureAfter(refused, failure('403'))).toEqual(failure('403, after a lost answer'));
  },
);

test('after a refusal nothing was done, and the last answer stands as it is', () => {
  expect(mayBeDone('400')).toBe(false);
  expect(failureAfter(failure('400'), failure('403'))).toEqual(failure('403'));
});

test('an answer that was lost itself need not say so twice', () => {
  expect(failureAfter(failure('deadline'), failure('502 foreign'))).toEqual(failure('502 foreign'));
});

test.each(['outage', 'stopped'] as const)('a request that ended by "%s" keeps that as its reason', (cause) => {
  expect(failureAfter(failure('deadline'), failure('none', cause))).toEqual(failure('none', cause));
});

/** How the checks of a preflight depend on each other, and what a request that did not succeed says. */
import { expect, test } from 'vitest';
import { RunError } from '../../../src/model/errors.ts';
import type { Failure } from '../../../src/model/failure.ts';
import {
  type Check,
  failed,
  findOut,
  orError,
  passed,
  unanswered,
  unasked,
  warned,
} from '../../../src/run/preflight/check.ts';

const never = new AbortController().signal;
const first = (find: Check['find'], grade: Check['grade'] = 'blocks'): Check => ({ name: 'first', grade, find });
const second: Check = { name: 'second', grade: 'warns', needs: ['first'], find: async () => passed('Seen.') };

test.each<[string, Check, string]>([
  ['has passed', first(async () => passed('Seen.')), 'passed'],
  ['is not announced', { ...first(async () => passed('Seen.')), capability: 'ttl' }, 'passed'],
  ['has failed and only warns', first(async () => failed('Bad.'), 'warns'), 'passed'],
  ['has failed, weighing less than usual', first(async () => warned('Bad.')), 'passed'],
  ['has failed', first(async () => failed('Bad.')), 'unasked'],
  ['could not be made', first(async () => unasked('Nobody there.'), 'warns'), 'unasked'],
])('a check that needs one that %s is made or left accordingly', async (_, earlier, outcome) => {
  const checks = await findOut([earlier, second], [], never);
  expect(checks[1]).toEqual({
    name: 'second',
    grade: 'warns',
    outcome,
    sentence: outcome === 'passed' ? 'Seen.' : 'It cannot be told while "first" has not passed.',
  });
});

test('a check that waits for one that was left is left, too', async () => {
  const third: Check = { ...second, name: 'third', needs: ['second'] };
  const checks = await findOut([first(async () => failed('Bad.')), second, third], [], never);
  expect(checks.map(({ outcome }) => outcome)).toEqual(['failed', 'unasked', 'unasked']);
});

test('what is not announced is not tried', async () => {
  let tried = false;
  const find = async () => {
    tried = true;
    return passed('Seen.');
  };
  const [check] = await findOut([{ name: 'ttl', grade: 'warns', capability: 'ttl', find }], ['fts'], never);
  expect(check).toMatchObject({ outcome: 'not-announced', sentence: 'The plugin does not announce "ttl".' });
  expect(tried).toBe(false);
});

test('once the run is told to stop, nothing more is tried, and all that is left is named', async () => {
  const stop = new AbortController();
  const stopping = first(async () => {
    stop.abort();
    return passed('Seen.');
  });
  const checks = await findOut([stopping, second], [], stop.signal);
  expect(checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(['first passed', 'second unasked']);
});

const failure = (values: Partial<Failure>): Failure => ({
  cause: 'refused',
  reason: '',
  transient: false,
  sentence: 'It did not work.',
  ...values,
});

test.each<[string, Partial<Failure>, string]>([
  ['a refusal', { status: 400 }, 'failed'],
  ['an internal error, though a later attempt might succeed', { status: 500, transient: true }, 'failed'],
  ['an answer that is not the contract’s', { cause: 'malformed', status: 201 }, 'failed'],
  ['a plugin that is not there for the moment', { status: 503, transient: true }, 'unasked'],
  ['a plugin that has too much to do', { status: 429, transient: true }, 'unasked'],
  ['a broken connection', { cause: 'transport', transient: true }, 'unasked'],
  ['a deadline that has passed', { cause: 'deadline', transient: true }, 'unasked'],
  ['an end that the operator asked for', { cause: 'stopped' }, 'unasked'],
])('%s is told from the opposite: failed is not the same as not found out', (_, values, outcome) => {
  expect(unanswered('A write', failure(values))).toEqual({ outcome, sentence: 'A write: It did not work.' });
});

test('an error about the set-up has failed, one about reaching it has not been found out, and a fault is thrown', async () => {
  const throwing = (error: Error) => () => Promise.reject(error);
  expect(await orError(throwing(new RunError('configuration', 'No.')))).toEqual(failed('No.'));
  expect(await orError(throwing(new RunError('source', 'Gone.')))).toEqual(unasked('Gone.'));
  await expect(orError(throwing(new TypeError('a fault')))).rejects.toThrow('a fault');
});

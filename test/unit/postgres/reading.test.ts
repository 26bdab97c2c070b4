/** How the database is named and how its trouble is told: in one sentence, without credentials and without rows. No connection is made. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RunError } from '../../../src/model/errors.ts';
import { address, connect } from '../../../src/postgres/connection.ts';
import { endings, errorCode, reader } from '../../../src/postgres/reading.ts';
import { legacySource } from '../../../src/source/legacy-source.ts';

const NEVER = new AbortController().signal;

const coded = (code: string, message: string) => Object.assign(new Error(message), { code });

/** The error into which a {@link reader} turns what a query throws. */
async function told(thrown: unknown): Promise<RunError> {
  const error: unknown = await reader(NEVER)('read the rows', () => Promise.reject(thrown)).catch(
    (each: unknown) => each,
  );
  if (error instanceof RunError) return error;
  throw new Error('It was not told as an error of the run.');
}

describe('the address of a database', () => {
  test.each([
    ['postgres://app:hunter2@db.test:6543/platform', 'db.test:6543/platform'],
    ['postgresql://app:hunter2@db.test/platform?application_name=x', 'db.test:5432/platform'],
  ])('is its host, port and name, without the credentials: %s', (url, expected) => {
    expect(address(connect(url, 1))).toBe(expected);
  });
});

test('a URL that cannot be read is a matter of configuration, and is not quoted', () => {
  const open = () => legacySource('postgres://app:hunter2@db.test:no-port/platform', NEVER);
  const sentence = 'DATABASE_URL is not a URL of the form postgres://user:password@host:port/database.';
  expect(open).toThrow(expect.objectContaining({ name: 'RunError', code: 'configuration', message: sentence }));
});

describe('trouble with the database', () => {
  test('is told with what was being done, its message and its code', async () => {
    const cause = coded('57P01', 'terminating connection due to administrator command');
    const error = await told(cause);
    expect(error.message).toBe(
      'The source database (DATABASE_URL) could not read the rows: terminating connection due to administrator command (57P01).',
    );
    expect(error.code).toBe('source');
    expect(error.cause).toBe(cause);
  });

  test('is told without the detail, which may quote a row', async () => {
    const error = Object.assign(coded('22P02', 'invalid input syntax'), { detail: 'The safe opens with 8361.' });
    expect((await told(error)).message).not.toContain('8361');
  });

  test.each<[string, unknown, string]>([
    [
      'a code that the message names already',
      coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'),
      'connect ECONNREFUSED 127.0.0.1:1',
    ],
    [
      'the first of several attempts',
      new AggregateError([coded('ECONNREFUSED', 'refused'), new Error('other')]),
      'refused (ECONNREFUSED)',
    ],
    ['an error without a code', new Error('odd'), 'odd'],
    ['something that is no error', 'text', 'text'],
  ])('is told once: %s', async (_, thrown, reason) => {
    expect((await told(thrown)).message).toBe(`The source database (DATABASE_URL) could not read the rows: ${reason}.`);
  });

  test('that was told already is told no other way', async () => {
    const error = new RunError('configuration', 'DATABASE_URL names a user who may not read.');
    expect(await told(error)).toBe(error);
  });

  test('that did not happen leaves the answer as it is', async () => {
    expect(await reader(NEVER)('read the rows', () => Promise.resolve([1]))).toEqual([1]);
  });
});

test('a code is one of text, of an error', () => {
  expect(errorCode(coded('34000', 'gone'))).toBe('34000');
  expect(errorCode(Object.assign(new Error('x'), { code: 7 }))).toBeUndefined();
  expect(errorCode(new Error('x'))).toBeUndefined();
  expect(errorCode({ code: '34000' })).toBeUndefined();
});

describe('a query that is never answered', () => {
  const silent = () => new Promise<never>(() => {});

  test('is given up when the run is told to stop', async () => {
    const stopping = new AbortController();
    const reading = reader(stopping.signal)('read the rows', silent);
    stopping.abort();
    await expect(reading).rejects.toThrow(
      'The source database (DATABASE_URL) could not read the rows: this run was told to stop.',
    );
  });

  test('is not even waited for, where the run has been told before', async () => {
    await expect(reader(AbortSignal.abort())('read the rows', silent)).rejects.toThrow('told to stop');
  });

  describe('once a connection has ended', () => {
    beforeEach(() => {
      vi.useFakeTimers();
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    test('is given up soon after, long before its deadline', async () => {
      const ended = endings();
      const reading = reader(NEVER, 'source', ended)('read the rows', silent);
      const given = expect(reading).rejects.toThrow(
        'could not read the rows: it did not answer within 30 s of the loss of a connection.',
      );
      ended.tell();
      await vi.advanceTimersByTimeAsync(30_000);
      await given;
      expect(vi.getTimerCount()).toBe(0);
    });

    test('is waited for where it has no deadline: it may take as long as it takes, over another connection', async () => {
      const ended = endings();
      const hours = () => new Promise((resolve) => setTimeout(resolve, 7_200_000, [1]));
      const reading = reader(NEVER, 'source', ended)('be read as a whole', hours, Number.POSITIVE_INFINITY);
      ended.tell();
      await vi.advanceTimersByTimeAsync(7_200_000);
      expect(await reading).toEqual([1]);
    });

    test('is given the time to be answered by another', async () => {
      const ended = endings();
      const reading = reader(
        NEVER,
        'source',
        ended,
      )('read the rows', () => new Promise((resolve) => setTimeout(resolve, 29_000, [1])));
      ended.tell();
      await vi.advanceTimersByTimeAsync(29_000);
      expect(await reading).toEqual([1]);
      expect(vi.getTimerCount()).toBe(0);
      // Nobody listens any more.
      ended.tell();
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  test('is given up at its deadline', async () => {
    const sentence = 'The source database (DATABASE_URL) could not be reached: it did not answer within 0.01 s.';
    await expect(reader(NEVER)('be reached', silent, 10)).rejects.toThrow(sentence);
  });
});

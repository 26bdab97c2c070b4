/** What went wrong on the wire, in words and in a value: which statuses may pass, how long to wait, what is safe to print. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { deadlinePassed, disconnection, malformation, refusal, stopped } from '../../../src/client/failures.ts';

const JSON_TYPE = 'application/json';
const answer = (values: Partial<Parameters<typeof refusal>[0]> = {}) => ({
  status: 500,
  contentType: JSON_TYPE,
  retryAfter: null,
  body: { code: 'internal', message: 'No.' },
  ...values,
});

test('of all statuses of an error, these seven may pass', () => {
  const statuses = Array.from({ length: 300 }, (_, index) => 300 + index);
  const transient = statuses.filter((status) => refusal(answer({ status })).transient);
  expect(transient).toEqual([408, 425, 429, 500, 502, 503, 504]);
});

test('whether a status may pass does not depend on who answered', () => {
  for (const body of [
    undefined,
    '<h1>Busy</h1>',
    { detail: 'busy' },
    { status: 'degraded', version: '1', capabilities: [] },
  ]) {
    expect(refusal(answer({ status: 503, body })).transient).toBe(true);
    expect(refusal(answer({ status: 501, body })).transient).toBe(false);
  }
});

test('a success with another body will not become better by asking again', () => {
  expect(malformation(answer({ status: 503 }), 'why')).toMatchObject({ transient: false });
});

describe('a Retry-After', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const waitFor = (retryAfter: string | null) => refusal(answer({ status: 429, retryAfter })).retryAfterMs;

  test.each([
    ['0', 0],
    ['1', 1_000],
    ['120', 120_000],
    ['999999999', 999_999_999_000],
  ])('of %s seconds is that many thousand milliseconds', (header, expected) => {
    expect(waitFor(header)).toBe(expected);
  });

  test.each([
    ['that comes', 'Fri, 20 Nov 2026 17:00:30 GMT', 30_000],
    ['that is now', 'Fri, 20 Nov 2026 17:00:00 GMT', 0],
    ['that has passed', 'Fri, 20 Nov 2026 16:00:00 GMT', 0],
  ])('with a date %s is the time until then', (_, header, expected) => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 20, 17) });
    expect(waitFor(header)).toBe(expected);
  });

  test.each(['soon', '', '12345678901', '-5', '1.5', 'in 2099', '2099'.repeat(5)])(
    'of %j says nothing: it is neither of the two forms',
    (header) => {
      expect(waitFor(header)).toBeUndefined();
    },
  );

  test('that is absent is absent from the failure', () => {
    expect(refusal(answer())).not.toHaveProperty('retryAfterMs');
  });
});

describe('text from the other side is made safe for a terminal', () => {
  const sentenceFor = (message: string) => refusal(answer({ body: { code: 'internal', message } })).sentence;

  test('without control characters, line breaks and turns of the writing', () => {
    expect(sentenceFor('a\u001b[31mb\r\nc\u2028d\u202ee\u0000\u200b')).toBe(
      'The plugin answered 500 internal: a [31mb c d e',
    );
  });

  test('and short', () => {
    expect(sentenceFor('x'.repeat(200))).toBe(`The plugin answered 500 internal: ${'x'.repeat(200)}`);
    expect(sentenceFor('x'.repeat(201))).toBe(`The plugin answered 500 internal: ${'x'.repeat(200)}…`);
  });

  test('so is the type of a body', () => {
    const { sentence } = refusal(answer({ body: 'text', contentType: `text/\u001b${'x'.repeat(100)}` }));
    expect(sentence).toBe(
      `Something answered 500 with a body of type text/ ${'x'.repeat(54)}… instead of an error of the contract.`,
    );
  });
});

describe('a connection that failed is named by its code', () => {
  const coded = (code: string, message = 'with secrets in it') => Object.assign(new Error(message), { code });

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])('%s: it was never made', (code) => {
    expect(disconnection(coded(code))).toStrictEqual({
      cause: 'transport',
      reason: `transport ${code}`,
      transient: true,
      sentence: `The plugin could not be reached (${code}).`,
    });
  });

  test.each(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])('%s: it broke', (code) => {
    expect(disconnection(coded(code))).toStrictEqual({
      cause: 'transport',
      reason: `transport ${code}`,
      transient: true,
      sentence: `The connection to the plugin broke before its answer was whole (${code}).`,
    });
  });

  test.each<[string, unknown, string]>([
    [
      'inside the error that fetch wraps around it',
      new TypeError('fetch failed', { cause: coded('ECONNRESET') }),
      'ECONNRESET',
    ],
    [
      'of the first of several attempts',
      new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]),
      'ECONNREFUSED',
    ],
    ['by the name of an error that has none', new TypeError('terminated'), 'TypeError'],
    ['or not at all', 'a text', 'unknown'],
  ])('%s', (_, error, code) => {
    expect(disconnection(error).reason).toBe(`transport ${code}`);
  });

  test('errors that wrap each other in a circle end the search', () => {
    const error = new Error('a');
    error.cause = error;
    expect(disconnection(error).reason).toBe('transport Error');
  });
});

test('a deadline is told in seconds, and may pass', () => {
  expect(deadlinePassed(30_000)).toMatchObject({ transient: true, sentence: 'The plugin did not answer within 30 s.' });
});

test('the order to stop is no failure of the plugin, and is not repeated', () => {
  expect(stopped()).toMatchObject({ cause: 'stopped', transient: false });
});

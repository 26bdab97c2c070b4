/** The addresses of the two ends and of the ledger, and what opens the plugin; no complaint about them repeats what may be a secret. */
import { describe, expect, test } from 'vitest';
import { MODES } from '../../../src/cli/flags.ts';
import { compile, type Environment } from '../../../src/cli/options.ts';
import { apply, compiled, complaint, DATABASE_URL } from './compiling.ts';

describe('DATABASE_URL', () => {
  test.each([undefined, ''])('that is %j is missed', (url) => {
    expect(complaint(() => apply({}, { DATABASE_URL: url }))).toBe(
      "DATABASE_URL is not set: it names the platform's Postgres, postgres://user@host/database.",
    );
  });

  test.each(['mysql://root:secret@db.test', 'postgres://', 'db.test/platform', ' postgres://db.test'])(
    'must be one of Postgres: %j is not',
    (url) => {
      expect(complaint(() => apply({}, { DATABASE_URL: url }))).toBe(
        'DATABASE_URL must begin with postgres:// or postgresql://.',
      );
    },
  );

  test('may be written in either way, and is handed on as it is', () => {
    const url = 'postgresql://app:pa%20ss@db.test:6543/platform?sslmode=require';
    expect(apply({}, { DATABASE_URL: url }).ends?.databaseUrl).toBe(url);
  });
});

describe('LEDGER_DATABASE_URL', () => {
  const url = 'postgresql://keeper@ledger.test/books';

  test.each(MODES.filter((mode) => mode !== 'check-receipt'))('names where %s finds the ledger', (mode) => {
    expect(compiled(mode, {}, { LEDGER_DATABASE_URL: url }).ledger).toEqual({
      url,
      variable: 'LEDGER_DATABASE_URL',
      startOver: false,
    });
  });

  test.each([undefined, ''])('that is %j leaves the ledger in DATABASE_URL', (given) => {
    expect(apply({}, { LEDGER_DATABASE_URL: given }).ledger).toEqual({
      url: DATABASE_URL,
      variable: 'DATABASE_URL',
      startOver: false,
    });
  });

  test('must be one of Postgres', () => {
    expect(complaint(() => apply({}, { LEDGER_DATABASE_URL: 'mysql://root:hunter2@db.test' }))).toBe(
      'LEDGER_DATABASE_URL must begin with postgres:// or postgresql://.',
    );
  });

  test('is not even looked at where no ledger is to be kept', () => {
    expect(apply({ 'no-ledger': true }, { LEDGER_DATABASE_URL: 'mysql://root@db.test' }).ledger).toBeNull();
  });

  test('that is missed, as DATABASE_URL is, is missed as the place of the ledger', () => {
    expect(complaint(() => compile({ status: '' }, {}))).toBe(
      'DATABASE_URL is not set: it names the Postgres that keeps the ledger, postgres://user@host/database.',
    );
  });
});

describe('MEMORY_PLUGIN_URL', () => {
  test.each([undefined, ''])('that is %j is missed', (url) => {
    expect(complaint(() => apply({}, { MEMORY_PLUGIN_URL: url }))).toBe(
      'MEMORY_PLUGIN_URL is not set: it names the memory plugin, http://host:port.',
    );
  });

  test.each([
    'plugin.test:8080',
    'plugin.test',
    'ftp://plugin.test',
    'http://',
    'http://u:secret@:80',
    'unix:/run/x.sock',
  ])('must be one of HTTP: %j is not', (url) => {
    expect(complaint(() => apply({}, { MEMORY_PLUGIN_URL: url }))).toBe(
      'MEMORY_PLUGIN_URL must be an address that begins with http:// or https://.',
    );
  });

  test.each(['http://plugin.test/?tenant=a', 'http://plugin.test/#a', 'http://u:secret@plugin.test/x?y'])(
    'must end with its path: %j does not',
    (url) => {
      expect(complaint(() => apply({}, { MEMORY_PLUGIN_URL: url }))).toBe(
        'MEMORY_PLUGIN_URL must end with its path: no "?" and no "#".',
      );
    },
  );

  test.each(['http://plugin.test', 'https://plugin.test:8443/memory/', 'http://127.0.0.1:8080'])('may be %s', (url) => {
    expect(apply({}, { MEMORY_PLUGIN_URL: url }).ends?.pluginUrl).toEqual(new URL(url));
  });
});

describe('the Authorization header', () => {
  test('is made of the token', () => {
    expect(apply({}, { MEMORY_PLUGIN_TOKEN: 'abc.DEF-123' }).ends?.authorization).toBe('Bearer abc.DEF-123');
  });

  test.each([
    ['ada:secret', 'ada:secret'],
    ['ada', 'ada:'],
    [':secret', ':secret'],
    ['a%40da:p%3Aa%25ss%C3%A9', 'a@da:p:a%ssé'],
  ])('is made of the user and password in the address: %s', (named, credentials) => {
    const { ends } = apply({}, { MEMORY_PLUGIN_URL: `http://${named}@plugin.test` });
    expect(ends?.authorization).toBe(`Basic ${Buffer.from(credentials).toString('base64')}`);
  });

  test('is absent where there is neither, and where the token is empty', () => {
    expect(apply({}).ends?.authorization).toBeUndefined();
    expect(apply({}, { MEMORY_PLUGIN_TOKEN: '' }).ends?.authorization).toBeUndefined();
  });

  test('cannot be made of both', () => {
    const both = { MEMORY_PLUGIN_URL: 'http://ada:secret@plugin.test', MEMORY_PLUGIN_TOKEN: 'abc' };
    expect(complaint(() => apply({}, both))).toBe(
      'MEMORY_PLUGIN_TOKEN is set, and MEMORY_PLUGIN_URL has a user as well: give one of them.',
    );
  });

  test.each(['abc\n', 'a b', 'ключ', '\u007f'])('cannot be made of a token that no header may hold: %j', (token) => {
    expect(complaint(() => apply({}, { MEMORY_PLUGIN_TOKEN: token }))).toBe(
      'MEMORY_PLUGIN_TOKEN holds characters that no header may hold.',
    );
  });

  test.each(['ada:100%@', 'a%zz:secret@', 'ada:%ff@'])(
    'cannot be made of a user and password that are not well encoded: %s',
    (named) => {
      expect(complaint(() => apply({}, { MEMORY_PLUGIN_URL: `http://${named}plugin.test` }))).toMatch(
        /^MEMORY_PLUGIN_URL (?!.*(ada|secret|100|%ff|%zz))/,
      );
    },
  );
});

test('no complaint quotes a secret', () => {
  const secrets: Environment[] = [
    { DATABASE_URL: 'mysql://app:hunter2@db.test' },
    { MEMORY_PLUGIN_URL: 'ftp://app:hunter2@plugin.test' },
    { MEMORY_PLUGIN_URL: 'http://app:hunter2@plugin.test?x' },
    { MEMORY_PLUGIN_URL: 'http://app:hunter2@plugin.test', MEMORY_PLUGIN_TOKEN: 'hunter2' },
    { MEMORY_PLUGIN_TOKEN: 'hunter2\n' },
  ];
  for (const environment of secrets) {
    expect(complaint(() => apply({}, environment))).not.toContain('hunter2');
  }
});

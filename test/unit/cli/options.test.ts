/** From flags and environment to options: what wins, what is the default, and the sentence for everything that is wrong. */
import { describe, expect, test } from 'vitest';
import { FLAG_NAMES, FLAGS, type Flag, type FlagName, MODES, takes, variableOf } from '../../../src/cli/flags.ts';
import { compile, type Environment, type GivenFlags, type Options } from '../../../src/cli/options.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import type { Mode } from '../../../src/model/run.ts';

const DATABASE_URL = 'postgres://app@db.test/platform';
const MEMORY_PLUGIN_URL = 'http://plugin.test';
const ENDS = { DATABASE_URL, MEMORY_PLUGIN_URL };
const UUID = '7f2c1a34-5b60-4d8e-9a11-0c2d3e4f5a6b';

const dryRun = (given: GivenFlags, environment: Environment = {}) => compiled('dry-run', given, environment);
const apply = (given: GivenFlags, environment: Environment = {}) => compiled('apply', given, environment);
const verify = (given: GivenFlags, environment: Environment = {}) => compiled('verify', given, environment);

function compiled(mode: Mode, given: GivenFlags, environment: Environment): Options {
  return compile({ [mode]: true, ...given }, { ...ENDS, ...environment });
}

/** What the operator reads. */
function complaint(compiling: () => Options): string {
  try {
    compiling();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('There was nothing to complain about.');
}

test('what nobody gave has its default, and the options are frozen', () => {
  const options = verify({});
  expect(options).toEqual({
    mode: 'verify',
    settings: { workspace: null, limit: null, teamLevel: null, removedWorkspaces: 'skip' },
    databaseUrl: DATABASE_URL,
    pluginUrl: new URL(MEMORY_PLUGIN_URL),
    authorization: undefined,
    concurrency: 4,
    requestTimeoutMs: 30_000,
    planFile: null,
    sample: 50,
    seed: expect.stringMatching(/^[0-9a-f]{8}$/),
    allowEmpty: false,
    json: false,
    quiet: false,
    debug: false,
    excerpts: true,
    showContent: false,
  });
  expect(Object.isFrozen(options)).toBe(true);
  expect(Object.isFrozen(options.settings)).toBe(true);
});

test('without a seed each run draws another one', () => {
  expect(verify({}).seed).not.toBe(verify({}).seed);
});

interface Setting {
  flag: FlagName;
  mode: Mode;
  /** What is given by flag and by variable, and what the option is then. */
  byFlag: [string | boolean, unknown];
  byVariable: [string, unknown];
  byDefault: unknown;
  option: (options: Options) => unknown;
}

const SETTINGS: Setting[] = [
  {
    flag: 'workspace',
    mode: 'apply',
    byFlag: [UUID.toUpperCase(), UUID],
    byVariable: ['00000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-000000000000'],
    byDefault: null,
    option: ({ settings }) => settings.workspace,
  },
  {
    flag: 'limit',
    mode: 'apply',
    byFlag: ['1', 1],
    byVariable: ['1000000', 1_000_000],
    byDefault: null,
    option: ({ settings }) => settings.limit,
  },
  {
    flag: 'team-level',
    mode: 'dry-run',
    byFlag: ['parent', 'parent'],
    byVariable: ['root', 'root'],
    byDefault: null,
    option: ({ settings }) => settings.teamLevel,
  },
  {
    flag: 'removed-workspaces',
    mode: 'verify',
    byFlag: ['skip', 'skip'],
    byVariable: ['copy', 'copy'],
    byDefault: 'skip',
    option: ({ settings }) => settings.removedWorkspaces,
  },
  {
    flag: 'plan',
    mode: 'dry-run',
    byFlag: ['a plan.jsonl', 'a plan.jsonl'],
    byVariable: ['b.jsonl', 'b.jsonl'],
    byDefault: null,
    option: ({ planFile }) => planFile,
  },
  {
    flag: 'verify-sample',
    mode: 'verify',
    byFlag: ['0', 0],
    byVariable: ['all', 'all'],
    byDefault: 50,
    option: ({ sample }) => sample,
  },
  {
    flag: 'seed',
    mode: 'verify',
    byFlag: ['007', '007'],
    byVariable: ['k3', 'k3'],
    byDefault: expect.any(String),
    option: ({ seed }) => seed,
  },
  {
    flag: 'allow-empty',
    mode: 'verify',
    byFlag: [false, false],
    byVariable: ['true', true],
    byDefault: false,
    option: ({ allowEmpty }) => allowEmpty,
  },
  {
    flag: 'no-content',
    mode: 'verify',
    byFlag: [false, true],
    byVariable: ['yes', false],
    byDefault: true,
    option: ({ excerpts }) => excerpts,
  },
  {
    flag: 'show-content',
    mode: 'verify',
    byFlag: [false, false],
    byVariable: ['1', true],
    byDefault: false,
    option: ({ showContent }) => showContent,
  },
  {
    flag: 'concurrency',
    mode: 'apply',
    byFlag: ['1', 1],
    byVariable: ['64', 64],
    byDefault: 4,
    option: ({ concurrency }) => concurrency,
  },
  {
    flag: 'request-timeout',
    mode: 'apply',
    byFlag: ['1', 1_000],
    byVariable: ['600', 600_000],
    byDefault: 30_000,
    option: ({ requestTimeoutMs }) => requestTimeoutMs,
  },
  {
    flag: 'json',
    mode: 'apply',
    byFlag: [false, false],
    byVariable: ['TRUE', true],
    byDefault: false,
    option: ({ json }) => json,
  },
  {
    flag: 'quiet',
    mode: 'apply',
    byFlag: [false, false],
    byVariable: ['Yes', true],
    byDefault: false,
    option: ({ quiet }) => quiet,
  },
  {
    flag: 'debug',
    mode: 'apply',
    byFlag: [false, false],
    byVariable: ['true', true],
    byDefault: false,
    option: ({ debug }) => debug,
  },
];

describe.each(SETTINGS)('--$flag', ({ flag, mode, byFlag, byVariable, byDefault, option }) => {
  const variable = (value: string) => ({ [variableOf(flag)]: value });

  test('wins over its variable', () => {
    expect(option(compiled(mode, { [flag]: byFlag[0] }, variable(byVariable[0])))).toEqual(byFlag[1]);
  });

  test('has a variable, which wins over the default', () => {
    expect(option(compiled(mode, {}, variable(byVariable[0])))).toEqual(byVariable[1]);
  });

  test('has a default, which holds for an empty variable too', () => {
    expect(option(compiled(mode, {}, {}))).toEqual(byDefault);
    expect(option(compiled(mode, {}, variable('')))).toEqual(byDefault);
  });
});

test('the list above leaves no flag out', () => {
  expect(SETTINGS.map(({ flag }) => flag).sort()).toEqual([...FLAG_NAMES].sort());
});

test.each([
  ['verify-sample', 'MEMORY_BACKFILL_VERIFY_SAMPLE'],
  ['json', 'MEMORY_BACKFILL_JSON'],
])('the variable of --%s is %s', (flag, variable) => {
  expect(variableOf(flag)).toBe(variable);
});

test.each(['0', 'false', 'No'])('a switch is off where its variable is %s', (value) => {
  expect(apply({}, { MEMORY_BACKFILL_QUIET: value }).quiet).toBe(false);
});

test('a variable of a flag that the mode does not take is not even read', () => {
  const environment = { MEMORY_BACKFILL_LIMIT: 'many', MEMORY_BACKFILL_PLAN: 'plan.jsonl' };
  expect(verify({}, environment)).toMatchObject({ settings: { limit: null }, planFile: null });
});

describe('the mode', () => {
  test.each(MODES)('%s is taken from its flag', (mode) => {
    expect(compiled(mode, {}, {}).mode).toBe(mode);
  });

  test('is never taken from a variable', () => {
    expect(complaint(() => compile({}, { ...ENDS, MEMORY_BACKFILL_APPLY: 'true' }))).toBe(
      'Say what to do: one of --dry-run, --apply, --verify. --help explains them.',
    );
  });

  test('that was switched off is not meant', () => {
    expect(compile({ apply: false, 'dry-run': true }, ENDS).mode).toBe('dry-run');
    expect(complaint(() => compile({ apply: false }, ENDS))).toMatch(/^Say what to do/);
  });

  test('must be one', () => {
    expect(complaint(() => compile({ 'dry-run': true, apply: true }, ENDS))).toBe(
      '--dry-run and --apply exclude each other: give one of --dry-run, --apply, --verify.',
    );
    expect(complaint(() => compile({ 'dry-run': true, apply: true, verify: true }, ENDS))).toBe(
      '--dry-run and --apply and --verify exclude each other: give one of --dry-run, --apply, --verify.',
    );
  });
});

describe('a flag that the mode does not take is refused', () => {
  const misplaced = MODES.flatMap((mode) =>
    Object.entries<Flag>(FLAGS).flatMap(([name, flag]) => (takes(mode, flag) ? [] : [[name, mode] as const])),
  );

  test.each(misplaced)('--%s with --%s', (name, mode) => {
    expect(complaint(() => compiled(mode, { [name]: '1' }, {}))).toMatch(
      new RegExp(`^--${name} does not go with --${mode}; it belongs to --[a-z-]+( and --[a-z-]+)*\\.$`),
    );
  });

  test('and told where it belongs', () => {
    expect(complaint(() => verify({ limit: '5' }))).toBe(
      '--limit does not go with --verify; it belongs to --dry-run and --apply.',
    );
    expect(complaint(() => apply({ 'show-content': true }))).toBe(
      '--show-content does not go with --apply; it belongs to --verify.',
    );
  });
});

describe('a value that cannot be meant is refused under the name by which it was given', () => {
  test.each<[string, () => Options, string]>([
    ['no UUID', () => apply({ workspace: 'sales' }), '--workspace takes a UUID, not "sales".'],
    ['a UUID in braces', () => apply({ workspace: `{${UUID}}` }), `--workspace takes a UUID, not "{${UUID}}".`],
    [
      'no UUID in the variable',
      () => apply({}, { MEMORY_BACKFILL_WORKSPACE: 'x' }),
      'MEMORY_BACKFILL_WORKSPACE takes a UUID, not "x".',
    ],
    ['an empty workspace', () => apply({ workspace: '' }), '--workspace needs a value.'],
    ['a limit of nothing', () => apply({ limit: '0' }), '--limit takes a whole number from 1 up, not "0".'],
    ['a negative limit', () => apply({ limit: '-5' }), '--limit takes a whole number from 1 up, not "-5".'],
    ['half a row', () => dryRun({ limit: '1.5' }), '--limit takes a whole number from 1 up, not "1.5".'],
    ['a power', () => dryRun({ limit: '1e3' }), '--limit takes a whole number from 1 up, not "1e3".'],
    ['a number with spaces', () => dryRun({ limit: ' 5' }), '--limit takes a whole number from 1 up, not " 5".'],
    [
      'a number that cannot be counted to',
      () => apply({ limit: '99999999999999999999' }),
      '--limit takes a whole number from 1 up, not "99999999999999999999".',
    ],
    ['an empty limit', () => apply({ limit: '' }), '--limit needs a value.'],
    [
      'a limit in words, in the variable',
      () => apply({}, { MEMORY_BACKFILL_LIMIT: 'ten' }),
      'MEMORY_BACKFILL_LIMIT takes a whole number from 1 up, not "ten".',
    ],
    [
      'no request at a time',
      () => apply({ concurrency: '0' }),
      '--concurrency takes a whole number from 1 to 64, not "0".',
    ],
    [
      'too many at a time',
      () => apply({ concurrency: '65' }),
      '--concurrency takes a whole number from 1 to 64, not "65".',
    ],
    [
      'no time at all',
      () => apply({ 'request-timeout': '0' }),
      '--request-timeout takes a whole number from 1 to 600, not "0".',
    ],
    [
      'too much time',
      () => apply({ 'request-timeout': '601' }),
      '--request-timeout takes a whole number from 1 to 600, not "601".',
    ],
    [
      'a sample that is neither',
      () => verify({ 'verify-sample': 'some' }),
      '--verify-sample takes "all" or a whole number from 0 up, not "some".',
    ],
    ['an empty sample', () => verify({ 'verify-sample': '' }), '--verify-sample needs a value.'],
    ['another level', () => apply({ 'team-level': 'child' }), '--team-level is parent or root, not "child".'],
    [
      'another fate',
      () => apply({ 'removed-workspaces': 'keep' }),
      '--removed-workspaces is skip or copy, not "keep".',
    ],
    ['a plan without a name', () => dryRun({ plan: '' }), '--plan needs a value.'],
    ['a seed without a value', () => verify({ seed: '' }), '--seed needs a value.'],
    [
      'a switch that is neither on nor off',
      () => apply({}, { MEMORY_BACKFILL_QUIET: 'maybe' }),
      'MEMORY_BACKFILL_QUIET is either true or false, not "maybe".',
    ],
    [
      'content that is to be both hidden and shown',
      () => verify({ 'no-content': true, 'show-content': true }),
      '--no-content and --show-content contradict each other: give one of them.',
    ],
  ])('%s', (_, compiling, sentence) => {
    expect(complaint(compiling)).toBe(sentence);
  });

  test('a whole number may have zeros before it', () => {
    expect(apply({ limit: '010' }).settings.limit).toBe(10);
  });
});

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
    expect(apply({}, { DATABASE_URL: url }).databaseUrl).toBe(url);
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
    expect(apply({}, { MEMORY_PLUGIN_URL: url }).pluginUrl).toEqual(new URL(url));
  });
});

describe('the Authorization header', () => {
  test('is made of the token', () => {
    expect(apply({}, { MEMORY_PLUGIN_TOKEN: 'abc.DEF-123' }).authorization).toBe('Bearer abc.DEF-123');
  });

  test.each([
    ['ada:secret', 'ada:secret'],
    ['ada', 'ada:'],
    [':secret', ':secret'],
    ['a%40da:p%3Aa%25ss%C3%A9', 'a@da:p:a%ssé'],
  ])('is made of the user and password in the address: %s', (userInfo, credentials) => {
    const { authorization } = apply({}, { MEMORY_PLUGIN_URL: `http://${userInfo}@plugin.test` });
    expect(authorization).toBe(`Basic ${Buffer.from(credentials).toString('base64')}`);
  });

  test('is absent where there is neither, and where the token is empty', () => {
    expect(apply({}).authorization).toBeUndefined();
    expect(apply({}, { MEMORY_PLUGIN_TOKEN: '' }).authorization).toBeUndefined();
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
    (userInfo) => {
      expect(complaint(() => apply({}, { MEMORY_PLUGIN_URL: `http://${userInfo}plugin.test` }))).toMatch(
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

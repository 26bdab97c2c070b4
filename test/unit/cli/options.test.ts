/** From flags and environment to options: what wins, what is the default, and what goes with what. */
import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { FLAG_NAMES, FLAGS, type Flag, type FlagName, MODES, takes, variableOf } from '../../../src/cli/flags.ts';
import { compile, type GivenFlags, type Options } from '../../../src/cli/options.ts';
import type { Mode } from '../../../src/model/settings.ts';
import {
  apply,
  compiled,
  complaint,
  DATABASE_URL,
  dryRun,
  ENDS,
  MEMORY_PLUGIN_URL,
  UUID,
  verify,
} from './compiling.ts';

const ALL = '--preflight, --dry-run, --apply, --verify, --status, --rollback, --check-receipt';

test('what nobody gave has its default, and the options are frozen', () => {
  const options = verify({});
  expect(options).toEqual({
    mode: 'verify',
    settings: {
      workspace: null,
      limit: null,
      teamLevel: null,
      removedWorkspaces: 'skip',
      onConflict: 'keep',
      retryFailed: null,
    },
    ends: { databaseUrl: DATABASE_URL, pluginUrl: new URL(MEMORY_PLUGIN_URL), authorization: undefined },
    ledger: { url: DATABASE_URL, variable: 'DATABASE_URL', startOver: false },
    actor: { userId: userInfo().username, serviceId: null },
    subject: null,
    resume: null,
    acceptFile: null,
    logFile: null,
    maxChanges: null,
    maxFailures: { percent: 1 },
    maxOutageMs: 300_000,
    yes: false,
    concurrency: 'auto',
    unordered: false,
    maxRate: null,
    pauseFile: null,
    requestTimeoutMs: 30_000,
    planFile: null,
    repair: null,
    sample: 50,
    seed: expect.stringMatching(/^[0-9a-f]{8}$/),
    seedGiven: false,
    allowEmpty: false,
    allowUnproven: null,
    failOnSkipped: false,
    maxDurationMs: null,
    files: { receipt: null, junit: null, markdown: null, summary: null },
    receiptCheck: null,
    receiptKey: null,
    json: false,
    quiet: false,
    debug: false,
    excerpts: true,
    showContent: false,
  });
  expect(Object.isFrozen(options)).toBe(true);
  expect(Object.isFrozen(options.settings)).toBe(true);
  expect(Object.isFrozen(options.ends)).toBe(true);
  expect(Object.isFrozen(apply({}).ledger)).toBe(true);
});

test('without a seed each run draws another one', () => {
  expect([verify({}).seedGiven, verify({ seed: 'a' }).seedGiven]).toEqual([false, true]);
  expect(verify({}).seed).not.toBe(verify({}).seed);
});

interface Setting {
  flag: FlagName;
  mode: Mode;
  /** Without what it does not go. */
  given?: GivenFlags;
  /** What is given by flag and by variable, and what the option is then. */
  byFlag: [string | boolean, unknown];
  byVariable: [string, unknown] | null;
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
    flag: 'accept',
    mode: 'verify',
    byFlag: ['given up.jsonl', 'given up.jsonl'],
    byVariable: ['b.jsonl', 'b.jsonl'],
    byDefault: null,
    option: ({ acceptFile }) => acceptFile,
  },
  {
    flag: 'on-conflict',
    mode: 'apply',
    byFlag: ['keep', 'keep'],
    byVariable: ['overwrite', 'overwrite'],
    byDefault: 'keep',
    option: ({ settings }) => settings.onConflict,
  },
  {
    flag: 'retry-failed',
    mode: 'dry-run',
    byFlag: ['', 'all'],
    byVariable: [UUID.toUpperCase(), { run: UUID }],
    byDefault: null,
    option: ({ settings }) => settings.retryFailed,
  },
  {
    flag: 'max-changes',
    mode: 'apply',
    byFlag: ['12.5%', { percent: 12.5 }],
    byVariable: ['0', { rows: 0 }],
    byDefault: null,
    option: ({ maxChanges }) => maxChanges,
  },
  {
    flag: 'max-failures',
    mode: 'apply',
    byFlag: ['100%', { percent: 100 }],
    byVariable: ['20', { rows: 20 }],
    byDefault: { percent: 1 },
    option: ({ maxFailures }) => maxFailures,
  },
  {
    flag: 'max-outage',
    mode: 'rollback',
    byFlag: ['0', 0],
    byVariable: ['86400', 86_400_000],
    byDefault: 300_000,
    option: ({ maxOutageMs }) => maxOutageMs,
  },
  {
    flag: 'resume',
    mode: 'apply',
    byFlag: [UUID.toUpperCase(), UUID],
    byVariable: ['00000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-000000000000'],
    byDefault: null,
    option: ({ resume }) => resume,
  },
  {
    flag: 'start-over',
    mode: 'apply',
    byFlag: [false, false],
    byVariable: ['yes', true],
    byDefault: false,
    option: ({ ledger }) => ledger?.startOver,
  },
  {
    flag: 'no-ledger',
    mode: 'dry-run',
    byFlag: [false, true],
    byVariable: ['true', false],
    byDefault: true,
    option: ({ ledger }) => ledger !== null,
  },
  {
    flag: 'actor',
    mode: 'rollback',
    byFlag: ['service:ci/42', { userId: null, serviceId: 'ci/42' }],
    byVariable: ['user:ada@acme', { userId: 'ada@acme', serviceId: null }],
    byDefault: { userId: userInfo().username, serviceId: null },
    option: ({ actor }) => actor,
  },
  {
    // Nobody shall undo a run by a variable.
    flag: 'yes',
    mode: 'rollback',
    byFlag: [true, true],
    byVariable: null,
    byDefault: false,
    option: ({ yes }) => yes,
  },
  {
    flag: 'log-file',
    mode: 'rollback',
    byFlag: ['a log.jsonl', 'a log.jsonl'],
    byVariable: ['b.jsonl', 'b.jsonl'],
    byDefault: null,
    option: ({ logFile }) => logFile,
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
    // An apply shall not become a repair by a variable that was left set.
    flag: 'repair',
    mode: 'apply',
    byFlag: ['report.json', { file: 'report.json', includeAcknowledged: false }],
    byVariable: null,
    byDefault: null,
    option: ({ repair }) => repair,
  },
  {
    flag: 'include-acknowledged',
    mode: 'apply',
    given: { repair: 'report.json' },
    byFlag: [true, true],
    byVariable: ['true', true],
    byDefault: false,
    option: ({ repair }) => repair?.includeAcknowledged,
  },
  {
    flag: 'allow-unproven',
    mode: 'verify',
    byFlag: ['0', 0],
    byVariable: ['12', 12],
    byDefault: null,
    option: ({ allowUnproven }) => allowUnproven,
  },
  {
    flag: 'fail-on-skipped',
    mode: 'verify',
    byFlag: [false, false],
    byVariable: ['true', true],
    byDefault: false,
    option: ({ failOnSkipped }) => failOnSkipped,
  },
  {
    flag: 'max-duration',
    mode: 'verify',
    byFlag: ['90s', 90_000],
    byVariable: ['2h', 7_200_000],
    byDefault: null,
    option: ({ maxDurationMs }) => maxDurationMs,
  },
  {
    flag: 'receipt',
    mode: 'verify',
    byFlag: ['a receipt.json', 'a receipt.json'],
    byVariable: ['b.json', 'b.json'],
    byDefault: null,
    option: ({ files }) => files.receipt,
  },
  {
    flag: 'junit',
    mode: 'verify',
    byFlag: ['a report.xml', 'a report.xml'],
    byVariable: ['b.xml', 'b.xml'],
    byDefault: null,
    option: ({ files }) => files.junit,
  },
  {
    flag: 'report',
    mode: 'verify',
    byFlag: ['a report.md', 'a report.md'],
    byVariable: ['b.md', 'b.md'],
    byDefault: null,
    option: ({ files }) => files.markdown,
  },
  {
    flag: 'accept-sample',
    mode: 'check-receipt',
    byFlag: [false, false],
    byVariable: ['true', true],
    byDefault: false,
    option: ({ receiptCheck }) => receiptCheck?.acceptSample,
  },
  {
    flag: 'accept-skipped',
    mode: 'check-receipt',
    byFlag: ['3', 3],
    byVariable: ['529', 529],
    byDefault: 0,
    option: ({ receiptCheck }) => receiptCheck?.acceptSkipped,
  },
  {
    flag: 'max-age',
    mode: 'check-receipt',
    byFlag: ['30m', 1_800_000],
    byVariable: ['90s', 90_000],
    byDefault: 86_400_000,
    option: ({ receiptCheck }) => receiptCheck?.maxAgeMs,
  },
  {
    flag: 'concurrency',
    mode: 'apply',
    byFlag: ['1', 1],
    byVariable: ['256', 256],
    byDefault: 'auto',
    option: ({ concurrency }) => concurrency,
  },
  {
    flag: 'unordered',
    mode: 'apply',
    byFlag: [true, true],
    byVariable: ['true', true],
    byDefault: false,
    option: ({ unordered }) => unordered,
  },
  {
    flag: 'max-rate',
    mode: 'apply',
    byFlag: ['1', 1],
    byVariable: ['5000', 5_000],
    byDefault: null,
    option: ({ maxRate }) => maxRate,
  },
  {
    flag: 'pause-file',
    mode: 'rollback',
    byFlag: ['/run/pause', '/run/pause'],
    byVariable: ['pause', 'pause'],
    byDefault: null,
    option: ({ pauseFile }) => pauseFile,
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

describe.each(SETTINGS)('--$flag', ({ flag, mode, given = {}, byFlag, byVariable, byDefault, option }) => {
  const variable = (value: string) => ({ [variableOf(flag)]: value });

  if (byVariable === null) {
    test('has no variable: one is refused, whether the flag is given or not', () => {
      const refusal = `${variableOf(flag)} is not read: --${flag} is given on the command line alone. Unset it.`;
      expect(complaint(() => compiled(mode, given, variable('true')))).toBe(refusal);
      expect(complaint(() => compiled(mode, { ...given, [flag]: byFlag[0] }, variable('true')))).toBe(refusal);
    });

    test('is taken from the command line', () => {
      expect(option(compiled(mode, { ...given, [flag]: byFlag[0] }, {}))).toEqual(byFlag[1]);
    });
  } else {
    test('wins over its variable', () => {
      expect(option(compiled(mode, { ...given, [flag]: byFlag[0] }, variable(byVariable[0])))).toEqual(byFlag[1]);
    });

    test('has a variable, which wins over the default', () => {
      expect(option(compiled(mode, given, variable(byVariable[0])))).toEqual(byVariable[1]);
    });
  }

  test('has a default, which holds for an empty variable too', () => {
    expect(option(compiled(mode, given, {}))).toEqual(byDefault);
    expect(option(compiled(mode, given, variable('')))).toEqual(byDefault);
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

describe('a variable that nothing would read is refused', () => {
  test.each([
    'MEMORY_BACKFILL_MAX_CHANGE',
    'MEMORY_BACKFILL_',
    'MEMORY_BACKFILL_max_changes',
    'MEMORY_BACKFILL_MAX-CHANGES',
  ])('where its name is no flag’s: %s', (variable) => {
    expect(complaint(() => apply({}, { [variable]: '5' }))).toBe(
      `${variable} is not known: a flag's variable is MEMORY_BACKFILL_ and its name, as MEMORY_BACKFILL_VERIFY_SAMPLE is that of --verify-sample. Unset it, or mend its name.`,
    );
  });

  test.each([
    ['MEMORY_BACKFILL_YES', 'yes'],
    ['MEMORY_BACKFILL_REPAIR', 'repair'],
    ['MEMORY_BACKFILL_CHECK_RECEIPT', 'check-receipt'],
  ])('where the flag has none: %s', (variable, flag) => {
    expect(complaint(() => apply({}, { [variable]: 'true' }))).toBe(
      `${variable} is not read: --${flag} is given on the command line alone. Unset it.`,
    );
  });

  test('and one that is empty, or another program’s, is not', () => {
    const others = {
      MEMORY_BACKFILL_MAX_CHANGE: '',
      MEMORY_BACKFILLER: '1',
      MY_MEMORY_BACKFILL_LIMIT: '1',
      // A pod's, beside a service of that name.
      MEMORY_BACKFILL_SERVICE_HOST: '10.0.0.1',
      MEMORY_BACKFILL_PORT: 'tcp://10.0.0.1:80',
      MEMORY_BACKFILL_PORT_80_TCP_ADDR: '10.0.0.1',
    };
    expect(apply({}, { ...others, MEMORY_BACKFILL_RECEIPT_KEY: 'a secret' }).maxChanges).toBeNull();
  });
});

describe('the mode', () => {
  test.each(MODES)('%s is taken from its flag', (mode) => {
    expect(compiled(mode, {}, {}).mode).toBe(mode);
  });

  test('is never taken from a variable', () => {
    expect(complaint(() => compile({}, { ...ENDS, MEMORY_BACKFILL_APPLY: 'true' }))).toBe(
      `Say what to do: one of ${ALL}. --help explains them.`,
    );
  });

  test('that was switched off is not meant', () => {
    expect(compile({ apply: false, 'dry-run': true }, ENDS).mode).toBe('dry-run');
    expect(complaint(() => compile({ apply: false }, ENDS))).toMatch(/^Say what to do/);
  });

  test('that takes a value is meant by an empty one, too', () => {
    expect(compile({ status: '' }, ENDS)).toMatchObject({ mode: 'status', subject: null });
    expect(complaint(() => compile({ status: '', apply: true }, ENDS))).toBe(
      `--apply and --status exclude each other: give one of ${ALL}.`,
    );
  });

  test('is told what it is about', () => {
    expect(compile({ status: UUID.toUpperCase() }, ENDS).subject).toBe(UUID);
    expect(compile({ rollback: UUID.toUpperCase() }, ENDS).subject).toBe(UUID);
    expect(apply({}).subject).toBeNull();
  });

  test.each<[GivenFlags, string]>([
    [{ status: 'yesterday' }, '--status takes a UUID, not "yesterday".'],
    [{ rollback: 'yesterday' }, '--rollback takes a UUID, not "yesterday".'],
    [{ rollback: '' }, '--rollback needs a value.'],
  ])('is refused where that cannot be: %j', (given, sentence) => {
    expect(complaint(() => compile(given, ENDS))).toBe(sentence);
  });

  test('must be one', () => {
    expect(complaint(() => compile({ 'dry-run': true, apply: true }, ENDS))).toBe(
      `--dry-run and --apply exclude each other: give one of ${ALL}.`,
    );
    expect(complaint(() => compile({ 'dry-run': true, apply: true, verify: true }, ENDS))).toBe(
      `--dry-run and --apply and --verify exclude each other: give one of ${ALL}.`,
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

describe('--repair', () => {
  test.each<[string, GivenFlags]>([
    ['workspace', { workspace: UUID }],
    ['limit', { limit: '1' }],
    ['retry-failed', { 'retry-failed': '' }],
    ['on-conflict', { 'on-conflict': 'overwrite' }],
    ['resume', { resume: UUID }],
    ['start-over', { 'start-over': true }],
    ['max-changes', { 'max-changes': '0' }],
  ])('takes up what its report names, so that --%s does not go with it', (flag, given) => {
    expect(complaint(() => apply({ repair: 'report.json', ...given }))).toBe(
      `--${flag} does not go with --repair, which takes up what its report names, and nothing else.`,
    );
  });

  test('goes with what says what to mend, and how', () => {
    const given = { repair: 'report.json', 'on-conflict': 'keep', 'include-acknowledged': true, 'max-failures': '3' };
    expect(apply(given).repair).toEqual({ file: 'report.json', includeAcknowledged: true });
    expect(complaint(() => dryRun({ repair: 'report.json', plan: 'plan.jsonl' }))).toMatch(/^--plan does not go with/);
    expect(complaint(() => apply({ 'include-acknowledged': true }))).toMatch(/goes with --repair\.$/);
  });
});

describe('a mode needs only what it uses', () => {
  test('a status only the ledger', () => {
    const { ends, ledger } = compile({ status: '' }, { LEDGER_DATABASE_URL: DATABASE_URL });
    expect(ends).toBeNull();
    expect(ledger).toMatchObject({ url: DATABASE_URL });
  });

  test('a check of a receipt only the source', () => {
    const { ends, ledger, receiptCheck } = compile(
      { 'check-receipt': 'a.json' },
      { DATABASE_URL, LEDGER_DATABASE_URL: 'x' },
    );
    expect([ends, ledger]).toEqual([null, null]);
    expect(receiptCheck).toMatchObject({ file: 'a.json', databaseUrl: DATABASE_URL });
    expect(complaint(() => compile({ 'check-receipt': 'a.json' }, {}))).toMatch(/^DATABASE_URL is not set/);
    expect(complaint(() => compile({ 'check-receipt': '' }, ENDS))).toBe('--check-receipt needs a value.');
  });

  test.each(MODES.filter((mode) => mode !== 'status' && mode !== 'check-receipt'))('%s needs both ends', (mode) => {
    expect(complaint(() => compiled(mode, {}, { DATABASE_URL: '' }))).toMatch(/^DATABASE_URL is not set/);
    expect(complaint(() => compiled(mode, {}, { MEMORY_PLUGIN_URL: '' }))).toMatch(/^MEMORY_PLUGIN_URL is not set/);
  });
});

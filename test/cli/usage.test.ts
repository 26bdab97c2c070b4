/**
 * Every usage error: exit code 2, nothing on stdout, and on stderr one sentence that names what is wrong. Nothing is
 * connected to; what is wrong shows before that.
 */
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';

const WELL_FORMED = {
  DATABASE_URL: 'postgres://reader:secret-1@127.0.0.1:1/platform',
  MEMORY_PLUGIN_URL: 'http://127.0.0.1:1',
};

/** As every sentence about modes lists them. */
const MODES = '--preflight, --dry-run, --apply, --verify, --status, --rollback, --check-receipt';

type Case = [command: string, sentence: string];

async function expectUsageError(args: string[], sentence: string, env: Record<string, string> = {}): Promise<void> {
  const result = await runCli(args, { ...WELL_FORMED, ...env });
  expect(result).toEqual({ code: 2, signal: null, stdout: '', stderr: `memory-backfill: ${sentence}\n` });
}

const words = (command: string): string[] => command.split(' ').filter((word) => word !== '');

test.concurrent.each<Case>([
  ['', `Say what to do: one of ${MODES}. --help explains them.`],
  ['--json --limit 5', `Say what to do: one of ${MODES}. --help explains them.`],
  ['--dry-run --apply', `--dry-run and --apply exclude each other: give one of ${MODES}.`],
  ['--status --rollback 0', `--status and --rollback exclude each other: give one of ${MODES}.`],
  ['--apply --verify', `--apply and --verify exclude each other: give one of ${MODES}.`],
])('no mode, or more than one: "%s"', (command, sentence) => expectUsageError(words(command), sentence));

test.concurrent('a mode that only a variable names is none: nobody shall start a copy by a variable', () =>
  expectUsageError([], `Say what to do: one of ${MODES}. --help explains them.`, {
    MEMORY_BACKFILL_APPLY: 'true',
  }));

test.concurrent.each<Case>([
  ['--apply --bogus', 'There is no flag --bogus. --help lists the flags.'],
  ['--apply --no --sure', 'There is no flag --no, and there is no flag --sure. --help lists the flags.'],
  ['--aply', 'There is no flag --aply. --help lists the flags.'],
  ['--apply --no-json', 'There is no flag --no-json. --help lists the flags.'],
  ['--apply -x', 'There is no flag -x. --help lists the flags.'],
])('an unknown flag: "%s"', (command, sentence) => expectUsageError(words(command), sentence));

test.concurrent.each<Case>([
  ['apply', '"apply" is no flag (modes and flags begin with two dashes). --help lists the flags.'],
  ['--apply now', '"now" is no flag (modes and flags begin with two dashes). --help lists the flags.'],
  ['--apply -- --limit 5', '"--limit" goes with no flag. --help lists them.'],
])('an argument that is no flag: "%s"', (command, sentence) => expectUsageError(words(command), sentence));

test.concurrent.each<Case>([
  ['--apply --limit 1 --limit 2', '--limit was given 2 times: give it once.'],
  ['--verify --seed a --seed a --seed a', '--seed was given 3 times: give it once.'],
  ['--apply --apply', '--apply was given 2 times: give it once.'],
  ['--apply --json --json', '--json was given 2 times: give it once.'],
])('a flag that is given more than once: "%s"', (command, sentence) => expectUsageError(words(command), sentence));

test.concurrent.each<Case>([
  ['--apply --limit', '--limit needs a value. --help lists the flags.'],
  ['--apply --limit --json', '--limit needs a value. --help lists the flags.'],
  ['--apply --limit=', '--limit needs a value.'],
  ['--workspace --apply', '--workspace needs a value. --help lists the flags.'],
  ['--dry-run --plan', '--plan needs a value. --help lists the flags.'],
  ['--rollback', '--rollback needs a value. --help lists the flags.'],
  ['--apply --log-file --json', '--log-file needs a value. --help lists the flags.'],
])('a flag without its value: "%s"', (command, sentence) => expectUsageError(words(command), sentence));

test.concurrent.each<Case>([
  ['--verify --limit 5', '--limit does not go with --verify; it belongs to --dry-run and --apply.'],
  ['--apply --plan p', '--plan does not go with --apply; it belongs to --dry-run.'],
  ['--apply --verify-sample 5', '--verify-sample does not go with --apply; it belongs to --verify.'],
  ['--dry-run --seed s', '--seed does not go with --dry-run; it belongs to --verify.'],
  ['--apply --allow-empty', '--allow-empty does not go with --apply; it belongs to --verify.'],
  ['--apply --no-content', '--no-content does not go with --apply; it belongs to --verify.'],
  ['--apply --yes', '--yes does not go with --apply; it belongs to --rollback.'],
  ['--dry-run --max-changes 5', '--max-changes does not go with --dry-run; it belongs to --apply.'],
  ['--verify --no-ledger', '--no-ledger does not go with --verify; it belongs to --dry-run and --apply.'],
  [
    '--status --concurrency 2',
    '--concurrency does not go with --status; it belongs to --preflight and --dry-run and --apply and --verify and --rollback.',
  ],
  ['--dry-run --show-content', '--show-content does not go with --dry-run; it belongs to --verify.'],
])('a flag of another mode: "%s"', (command, sentence) => expectUsageError(words(command), sentence));

test.concurrent.each<Case>([
  ['--apply --workspace acme', '--workspace takes a UUID, not "acme".'],
  ['--apply --limit 0', '--limit takes a whole number from 1 up, not "0".'],
  ['--apply --limit -1', '--limit takes a whole number from 1 up, not "-1".'],
  ['--apply --limit 1.5', '--limit takes a whole number from 1 up, not "1.5".'],
  ['--apply --limit 1e3', '--limit takes a whole number from 1 up, not "1e3".'],
  ['--apply --team-level top', '--team-level is parent or root, not "top".'],
  ['--apply --removed-workspaces keep', '--removed-workspaces is skip or copy, not "keep".'],
  ['--verify --verify-sample some', '--verify-sample takes "all" or a whole number from 0 up, not "some".'],
  ['--apply --concurrency 0', '--concurrency takes "auto" or a whole number from 1 to 256, not "0".'],
  ['--apply --concurrency 257', '--concurrency takes "auto" or a whole number from 1 to 256, not "257".'],
  ['--apply --request-timeout 0', '--request-timeout takes a whole number from 1 to 600, not "0".'],
  ['--apply --request-timeout 601', '--request-timeout takes a whole number from 1 to 600, not "601".'],
])('a value that the flag does not take: "%s"', (command, sentence) => expectUsageError(words(command), sentence));

test.concurrent.each<Case>([
  ['--verify --json=maybe', '--json takes no value but true or false.'],
  ['--verify --no-content=1', '--no-content takes no value but true or false.'],
  ['--verify=please', '--verify takes no value but true or false.'],
])('a switch with a value is not taken for one that is off: "%s"', (command, sentence) =>
  expectUsageError(words(command), sentence),
);

test.concurrent.each<[what: string, env: Record<string, string>, sentence: string]>([
  [
    'no DATABASE_URL',
    { DATABASE_URL: '' },
    "DATABASE_URL is not set: it names the platform's Postgres, postgres://user@host/database.",
  ],
  [
    'a DATABASE_URL of another kind',
    { DATABASE_URL: 'mysql://root:secret-2@db/platform' },
    'DATABASE_URL must begin with postgres:// or postgresql://.',
  ],
  [
    'no MEMORY_PLUGIN_URL',
    { MEMORY_PLUGIN_URL: '' },
    'MEMORY_PLUGIN_URL is not set: it names the memory plugin, http://host:port.',
  ],
  [
    'a MEMORY_PLUGIN_URL without a scheme',
    { MEMORY_PLUGIN_URL: 'localhost:8080' },
    'MEMORY_PLUGIN_URL must be an address that begins with http:// or https://.',
  ],
  [
    'a MEMORY_PLUGIN_URL with a query',
    { MEMORY_PLUGIN_URL: 'http://127.0.0.1/v0?key=secret-3' },
    'MEMORY_PLUGIN_URL must end with its path: no "?" and no "#".',
  ],
  [
    'a MEMORY_PLUGIN_URL with a user that cannot be decoded',
    { MEMORY_PLUGIN_URL: 'http://%zz:secret-8@127.0.0.1' },
    'MEMORY_PLUGIN_URL has a user or a password with a "%" that encodes nothing: write it as %25.',
  ],
  [
    'a MEMORY_PLUGIN_TOKEN that no header may hold',
    { MEMORY_PLUGIN_TOKEN: 'secret-4 secret-5' },
    'MEMORY_PLUGIN_TOKEN holds characters that no header may hold.',
  ],
  [
    'two ways of proving who one is',
    { MEMORY_PLUGIN_TOKEN: 'secret-6', MEMORY_PLUGIN_URL: 'http://me:secret-7@127.0.0.1' },
    'MEMORY_PLUGIN_TOKEN is set, and MEMORY_PLUGIN_URL has a user as well: give one of them.',
  ],
])('a variable that is missing or malformed: %s', (_what, env, sentence) =>
  expectUsageError(['--apply'], sentence, env),
);

test.concurrent.each<[variable: string, value: string, says: string]>([
  ['MEMORY_BACKFILL_LIMIT', 'many', 'takes a whole number from 1 up, not "many".'],
  ['MEMORY_BACKFILL_JSON', 'maybe', 'is either true or false, not "maybe".'],
  ['MEMORY_BACKFILL_WORKSPACE', 'acme', 'takes a UUID, not "acme".'],
  ['MEMORY_BACKFILL_TEAM_LEVEL', 'top', 'is parent or root, not "top".'],
])("a flag's variable that is malformed is named: %s=%s", (variable, value, says) =>
  expectUsageError(['--apply'], `${variable} ${says}`, { [variable]: value }),
);

test.concurrent.each<[what: string, flags: string, env: Record<string, string>]>([
  ['both flags', '--verify --no-content --show-content', {}],
  ['a flag and a variable', '--verify --no-content', { MEMORY_BACKFILL_SHOW_CONTENT: 'yes' }],
])('settings that contradict each other: %s', (_what, flags, env) =>
  expectUsageError(words(flags), '--no-content and --show-content contradict each other: give one of them.', env),
);

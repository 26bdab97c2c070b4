/** The command line itself: which flags were given, and a sentence for what is not a command line of this tool. */
import { describe, expect, test } from 'vitest';
import { readCommandLine } from '../../../src/cli/command-line.ts';
import { FLAG_NAMES, FLAGS, type Flag, MODE_FLAGS, MODES, takes } from '../../../src/cli/flags.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';

const read = (...args: string[]) => readCommandLine(args, '1.2.3');

async function given(...args: string[]) {
  const line = await read(...args);
  if (line.asks !== 'run') throw new Error('It asked for text.');
  return line.given;
}

async function complaint(...args: string[]): Promise<string> {
  const error: unknown = await read(...args).catch((thrown: unknown) => thrown);
  if (error instanceof UsageError) return error.message;
  throw new Error(`There was nothing to complain about: ${JSON.stringify(error)}`);
}

describe('what was given', () => {
  test.each<[string, string[], object]>([
    ['nothing', [], {}],
    ['a mode', ['--apply'], { apply: true }],
    ['a mode with what it is about', ['--rollback', 'a1', '--yes'], { rollback: 'a1', yes: true }],
    ['a mode whose value may be left out, and is', ['--status', '--json'], { status: '', json: true }],
    ['a mode whose value may be left out, and is not', ['--status', 'a1'], { status: 'a1' }],
    ['a flag whose value may be left out, and is', ['--apply', '--retry-failed'], { apply: true, 'retry-failed': '' }],
    [
      'a flag whose value may be left out, before another',
      ['--retry-failed', '--apply'],
      { apply: true, 'retry-failed': '' },
    ],
    [
      'a flag whose value may be left out, and is not',
      ['--apply', '--retry-failed=a1'],
      { apply: true, 'retry-failed': 'a1' },
    ],
    ['a switch that begins with no', ['--apply', '--no-ledger'], { apply: true, 'no-ledger': true }],
    ['a share', ['--max-failures', '1.5%'], { 'max-failures': '1.5%' }],
    ['a switch', ['--verify', '--no-content'], { verify: true, 'no-content': true }],
    ['a switch that is turned off', ['--json=false'], { json: false }],
    ['a value after a space', ['--apply', '--limit', '10'], { apply: true, limit: '10' }],
    ['a value after an equals sign', ['--apply', '--limit=10'], { apply: true, limit: '10' }],
    ['an empty value', ['--seed='], { seed: '' }],
    ['a number with zeros before it', ['--seed', '007'], { seed: '007' }],
    ['a number that a computer would round', ['--seed', '0.10000000000000000001'], { seed: '0.10000000000000000001' }],
    ['a negative number', ['--limit', '-5'], { limit: '-5' }],
    ['a value with an equals sign and spaces', ['--plan', 'a = b.jsonl'], { plan: 'a = b.jsonl' }],
    ['two modes, which is for others to judge', ['--apply', '--verify'], { apply: true, verify: true }],
  ])('is told as it was typed: %s', async (_, args, expected) => {
    expect(await given(...args)).toEqual(expected);
  });

  test('is absent where it was not given', async () => {
    expect(Object.keys(await given('--verify'))).toEqual(['verify']);
  });
});

describe('refused is', () => {
  test.each<[string, string[], string]>([
    ['an unknown flag', ['--apply', '--nope'], 'There is no flag --nope. --help lists the flags.'],
    ['an unknown flag with a value', ['--nope=3'], 'There is no flag --nope. --help lists the flags.'],
    [
      'several unknown flags',
      ['--nope', '--also'],
      'There is no flag --nope, and there is no flag --also. --help lists the flags.',
    ],
    [
      'a mode without its dashes, beside the one with them',
      ['--apply', 'apply'],
      '"apply" is no flag (modes and flags begin with two dashes). --help lists the flags.',
    ],
    ['a mode that is negated', ['--no-apply'], 'There is no flag --no-apply. --help lists the flags.'],
    ['a flag without its value', ['--apply', '--limit'], '--limit needs a value. --help lists the flags.'],
    ['a mode without its value', ['--rollback'], '--rollback needs a value. --help lists the flags.'],
    [
      'a mode that takes the next for its value',
      ['--rollback', '--yes'],
      '--rollback needs a value. --help lists the flags.',
    ],
    ['a mode that was given twice', ['--status', 'a1', '--status', 'a2'], '--status was given 2 times: give it once.'],
    ['a switch that is given a value', ['--rollback', 'a1', '--yes=please'], '--yes takes no value but true or false.'],
    [
      'a flag that takes the next for its value',
      ['--limit', '--apply'],
      '--limit needs a value. --help lists the flags.',
    ],
    ['a value that was given twice', ['--limit', '1', '--limit', '2'], '--limit was given 2 times: give it once.'],
    [
      'a value that was given three times',
      ['--seed=a', '--seed=a', '--seed=b'],
      '--seed was given 3 times: give it once.',
    ],
  ])('%s', async (_, args, sentence) => {
    expect(await complaint(...args)).toBe(sentence);
  });

  test.each([
    [['-x'], 'x'],
    [['--verifySample', '3'], 'verifySample'],
    [['--seed.x', '3'], 'seed.x'],
  ])('a flag that looks like another one: %j', async (args, name) => {
    expect(await complaint(...args)).toContain(name);
  });

  test('a switch that was given twice, since the two may differ', async () => {
    expect(await complaint('--verify', '--no-content', '--no-content=false')).toContain('--no-content');
    expect(await complaint('--apply', '--apply')).toContain('--apply');
  });

  test('a switch with a value that is neither true nor false', async () => {
    expect(await complaint('--verify', '--no-content=yes')).toContain('--no-content');
  });

  test.each([
    [['--apply', 'everything'], 'everything'],
    [['--quiet', '1'], '1'],
    [['--apply', '--', '--limit'], '--limit'],
  ])('a word that no flag takes: %j', async (args, word) => {
    expect(await complaint(...args)).toContain(word);
  });

  test('a mode without its dashes, and not with the words that there is no such flag', async () => {
    const sentence = await complaint('apply');
    expect(sentence).toContain('apply');
    expect(sentence).not.toContain('no flag --apply');
  });
});

test.each([
  [['--verify', 'postgres://ada:s3cret@db/platform']],
  [['--verify', '--databaseurl:postgres://ada:s3cret@db/platform']],
])('an address that was typed in the wrong place is not repeated, since it may hold a password: %j', async (args) => {
  expect(await complaint(...args)).not.toContain('s3cret');
});

describe('asked for text', () => {
  test('the version is a line', async () => {
    expect(await read('--version')).toEqual({ asks: 'text', text: '1.2.3\n' });
    expect(await read('--apply', '--version')).toEqual({ asks: 'text', text: '1.2.3\n' });
  });

  test('the help names every mode with its example, and every flag once', async () => {
    const line = await read('--help');
    const text = line.asks === 'text' ? line.text : '';
    const flags = [...text.matchAll(/^ {2}--([a-z-]+) /gm)].map(([, name]) => name);
    expect(flags.sort()).toEqual([...MODES, ...FLAG_NAMES, 'help', 'version'].sort());
    for (const mode of MODES) expect(text).toContain(`memory-backfill ${MODE_FLAGS[mode].example}`);
  });

  test('the help has its flags in groups, by the modes that take them', async () => {
    const line = await read('--help');
    const text = line.asks === 'text' ? line.text : '';
    expect(text).toMatch(/^Modes \(exactly one\)\n {2}--preflight /m);
    for (const [name, flag] of Object.entries<Flag>(FLAGS)) {
      const group = text.split('\n\n').find((part) => new RegExp(`^ {2}--${name}(?= )`, 'm').test(part));
      const heading = group?.split('\n')[0] ?? '';
      const told = heading === 'All modes' ? MODES : MODES.filter((mode) => heading.includes(`--${mode}`));
      expect([name, ...told]).toEqual([name, ...MODES.filter((mode) => takes(mode, flag))]);
    }
  });
});

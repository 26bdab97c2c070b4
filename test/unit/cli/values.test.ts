/** The sentence for every value that cannot be meant. */
import { describe, expect, test } from 'vitest';
import type { Options } from '../../../src/cli/options.ts';
import { apply, complaint, dryRun, UUID, verify } from './compiling.ts';

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
      '--concurrency takes "auto" or a whole number from 1 to 256, not "0".',
    ],
    [
      'too many at a time',
      () => apply({ concurrency: '257' }),
      '--concurrency takes "auto" or a whole number from 1 to 256, not "257".',
    ],
    ['no rows a second', () => apply({ 'max-rate': '0' }), '--max-rate takes a whole number from 1 up, not "0".'],
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
    [
      'another answer to conflicts',
      () => apply({ 'on-conflict': 'merge' }),
      '--on-conflict is keep or overwrite, not "merge".',
    ],
    ['a run that is none', () => apply({ 'retry-failed': 'last' }), '--retry-failed takes a UUID, not "last".'],
    ['a run to go on with that is none', () => apply({ resume: 'last' }), '--resume takes a UUID, not "last".'],
    ...['101%', '1.5', '-1', '1e3', 'few', '5 %', '%', '0.0000001%'].map((most): [string, () => Options, string] => [
      `a bound of ${most}`,
      () => apply({ 'max-failures': most }),
      `--max-failures takes a number of rows, or a share of them from 0% to 100%, not "${most}".`,
    ]),
    [
      'a bound in the variable',
      () => apply({}, { MEMORY_BACKFILL_MAX_CHANGES: 'all' }),
      'MEMORY_BACKFILL_MAX_CHANGES takes a number of rows, or a share of them from 0% to 100%, not "all".',
    ],
    [
      'an outage of more than a day',
      () => apply({ 'max-outage': '86401' }),
      '--max-outage takes a whole number from 0 to 86400, not "86401".',
    ],
    ...['ada', 'user:', 'user:a b', 'admin:ada', 'user:é', `user:${'x'.repeat(201)}`].map(
      (actor): [string, () => Options, string] => [
        `the actor ${actor.slice(0, 20)}`,
        () => apply({ actor }),
        `--actor takes user:<id> or service:<id>, not "${actor}".`,
      ],
    ),
    ['an accept file without a name', () => apply({ accept: '' }), '--accept needs a value.'],
    ['a log without a name', () => apply({ 'log-file': '' }), '--log-file needs a value.'],
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
    ...(['resume', 'start-over', 'retry-failed'] as const).map((flag): [string, () => Options, string] => [
      `--${flag} of a ledger that is not to be kept`,
      () => apply({ 'no-ledger': true, [flag]: flag === 'start-over' ? true : UUID }),
      `--no-ledger and --${flag} contradict each other: without a ledger, nothing is remembered.`,
    ]),
    [
      'a run to go on with that is no longer to count',
      () => apply({ resume: UUID, 'start-over': true }),
      '--resume and --start-over contradict each other: give one of them.',
    ],
  ])('%s', (_, compiling, sentence) => {
    expect(complaint(compiling)).toBe(sentence);
  });

  test('a whole number may have zeros before it', () => {
    expect(apply({ limit: '010' }).settings.limit).toBe(10);
  });
});

/** The Markdown: what is in it and what is cut, and that nothing that somebody else wrote formats, links or breaks a table. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../../src/model/run.ts';
import type { VerifyResult } from '../../../src/model/verify.ts';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { broken, clean, damaged } from './damaged.ts';
import { codeOf, someVerify, verdictsAgree } from './outcomes.ts';
import { finding, report, skips, verify } from './reports.ts';

const markdown = (result: VerifyResult, values: Partial<Report> = {}, content = false, most = 1_000) =>
  renderMarkdown(report({ result, exitCode: codeOf(result, values), ...values }), { content, most });

/** The cells of the table's rows in which the first one is this. */
const rowsOf = (first: string, text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`| ${first} |`))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

test('the verdict stands first, and is that of the exit code', () => {
  verdictsAgree(someVerify, (result, values) => {
    const [first = ''] = markdown(result, values).split('\n');
    return first.slice('# memory-backfill verify: '.length);
  });
});

test('a run without a result says why', () => {
  const whole = renderMarkdown(broken(), { content: false, most: 10 });
  expect(whole).toMatch(/^# memory-backfill: no result\n\n\*\*Error:\*\* What MEMORY\\_PLUGIN\\_URL names /);
});

test('what ended a run stands beneath its verdict', () => {
  const values = { interruptedBy: 'SIGTERM', error: { code: 'source', message: 'The *database* is gone.' } } as const;
  expect(markdown(verify(), values)).toContain(
    '\n\n**Error:** The \\*database\\* is gone.\n\n**Interrupted** by SIGTERM.\n\n## Counts',
  );
});

describe('findings', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => finding({ id: `row-${index}` }));

  test.each([
    [1_000, 1_000, null],
    [1_001, 1_000, '**The list is cut:** it shows 1,000 of 1,001 findings, the gravest first; all are counted.'],
    [3_000, 200, '**The list is cut:** it shows 200 of 3,000 findings, the gravest first; all are counted.'],
  ])('of %i, %i are listed, and where that is not all, a line says so', (all, most, cut) => {
    const text = markdown(verify({ listed: many, findings: { missing: all } }), {}, false, most);
    expect(text.match(/^\| `row-\d+` \|/gm)).toHaveLength(most);
    expect(/^.*The list is cut.*$/m.exec(text)?.[0] ?? null).toBe(cut);
  });

  test('stand by kind, the gravest first, also where none of a kind is listed', () => {
    const listed = [finding({ kind: 'leak', id: 'l1' })];
    const text = markdown(verify({ listed, findings: { unproven: 4, leak: 1, fields: 1 } }));
    expect(text.match(/^### .*$/gm)).toEqual(['### 1 leak', '### 1 with other fields', '### 4 unproven']);
    expect(text).toContain('### 4 unproven\n\nNone of them is among those that are listed.\n');
  });

  test('have the columns that say something', () => {
    const one = finding({ foundIn: 'team:beta', foundAs: 'b1', evidence: 'text', writtenBy: 'run-1' });
    const text = markdown(verify({ listed: [finding(), one], findings: { missing: 2 } }));
    expect(text).toContain(`### 2 missing

Copy it with --apply.

| row | workspace | belongs to | found in | found as | what is wrong | written by run |
| --- | --- | --- | --- | --- | --- | --- |
| \`a1\` | \`sales\` | \`team:acme\` |  |  | is not in the plugin |  |
| \`a1\` | \`sales\` | \`team:acme\` | \`team:beta\` | \`b1\` by its text alone | is not in the plugin | \`run-1\` |
`);
  });

  test('say what to do in their own line where it is not the same for all', () => {
    const listed = [finding({ next: 'Look.' }), finding({ id: 'a2', next: 'Wait.' })];
    const text = markdown(verify({ listed, findings: { missing: 2 } }));
    expect(rowsOf('`a1`', text)).toEqual([['`a1`', '`sales`', '`team:acme`', 'is not in the plugin', 'Look.']]);
    expect(rowsOf('`a2`', text)).toEqual([['`a2`', '`sales`', '`team:acme`', 'is not in the plugin', 'Wait.']]);
  });

  test('show content where it was asked for, and else hold none', () => {
    const result = verify({
      listed: [finding({ excerpts: { expected: 'Yes & <no>.', found: 'No.' } })],
      findings: { missing: 1 },
    });
    expect(rowsOf('`a1`', markdown(result, {}, true))[0]?.slice(-2)).toEqual(['Yes &amp; &lt;no&gt;.', 'No.']);
    expect(markdown(result)).not.toMatch(/Yes|in the source/);
  });
});

test('errors are listed, and those that are not are counted', () => {
  const errors = [
    { workspaceId: 'sales', sentence: 'No.' },
    { workspaceId: null, sentence: 'Never.' },
  ];
  const text = markdown(verify({ errors, workspaces: { errors: 500 } }));
  expect(text).toContain(
    '## Not checked\n\nThe first 2 of 500:\n\n| workspace | why |\n| --- | --- |\n| `sales` | No. |\n|  | Never. |\n',
  );
  expect(markdown(verify({ errors }))).not.toContain('The first');
});

test('everything is counted', () => {
  const result = verify({
    population: 1_200,
    workspaces: { sampled: 50, matches: 40, empty: 4, mismatches: 5, unproven: 1, errors: 2, unchecked: 3 },
    rows: { compared: 5_000, matched: 4_990, skipped: skips({ accepted: 6 }), extra: 7 },
    findings: { content: 8, unproven: 9 },
  });
  const text = markdown(result);
  const number = (name: string) => rowsOf(name, text)[0]?.[1];
  expect(['in all', 'sampled', 'matches', 'mismatches', 'errors', 'unchecked'].map(number)).toEqual([
    '1,200',
    '50',
    '40',
    '5',
    '2',
    '3',
  ]);
  expect(rowsOf('unproven', text).map(([, times]) => times)).toEqual(['1', '9']);
  expect(['of the matches, empty', 'compared', 'matched', 'content', 'in the plugin only'].map(number)).toEqual([
    '4',
    '5,000',
    '4,990',
    '8',
    '7',
  ]);
  expect(rowsOf('accepted', text)).toEqual([['accepted', '6', 'given up on purpose, by --accept']]);
});

describe('how to verify the same again', () => {
  const command = (result: VerifyResult, settings: Partial<Report['settings']> = {}) =>
    /^ {4}(memory-backfill .*)$/m.exec(markdown(result, { settings: { ...report().settings, ...settings } }))?.[1];

  test.each<[string, VerifyResult, Partial<Report['settings']>, string | undefined]>([
    ['of all', verify(), {}, 'memory-backfill --verify --verify-sample all'],
    [
      'of a sample, by its seed',
      verify({ asked: { sample: 50 }, seed: "it's" }),
      {},
      "memory-backfill --verify --verify-sample 50 --seed 'it'\\''s'",
    ],
    [
      'of one workspace, with the flags that lead elsewhere',
      verify({ asked: { workspace: 'w1' } }),
      { workspace: 'w1', teamLevel: 'root', removedWorkspaces: 'copy' },
      'memory-backfill --verify --workspace w1 --team-level root --removed-workspaces copy',
    ],
    ['but not by a seed that nobody can type', verify({ asked: { sample: 5 }, seed: 'a\n```\nb' }), {}, undefined],
  ])('%s', (_, result, settings, expected) => {
    expect(command(result, settings)).toBe(expected);
  });

  test('tells of the file that goes with it', () => {
    expect(markdown(verify({ accepted: ['a1'] }))).toContain('\nWith the same file of --accept, which names 1 row.\n');
    expect(markdown(verify())).not.toContain('With the same file');
  });
});

describe('what somebody else wrote', () => {
  /** Everything that others have a say in, in each place where it can stand. */
  const saying = (text: string) =>
    report({
      plugin: { url: text, status: 'ok', version: text, capabilities: [] },
      source: { address: text, schema: text, hasEmbedding: false, hasTag: false },
      notices: [text],
      error: { code: 'plugin', message: text },
      exitCode: 1,
      result: verify({
        seed: text,
        errors: [{ workspaceId: null, sentence: text }],
        findings: { missing: 1 },
        listed: [
          finding({
            foundIn: text,
            foundAs: text,
            sentence: text,
            next: text,
            excerpts: { expected: text, found: text },
          }),
        ],
      }),
    });

  /** With what was said taken out of it, a report is the same whatever was said: nothing of it got out of its place. */
  function shape(text: string): string[] {
    return renderMarkdown(saying(text), { content: true, most: 10 })
      .split('\n')
      .filter((line) => !line.startsWith('    memory-backfill'))
      .map((line) =>
        line.startsWith('|')
          ? `row of ${line.split(/(?<!\\)\|/).length}`
          : (/^(?:#+ .*|- |\*\*\w+)/.exec(line)?.[0] ?? ''),
      );
  }

  const words = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
    fc.string({
      unit: fc.constantFrom(...'\\`*_[]()|~#@!$<>&:/.-+=1 \n\r\u2028\u202ea'),
      minLength: 1,
      maxLength: 12,
    }),
  );

  test('neither ends its line nor its cell, nor begins another part', () => {
    // The command is left out where a seed cannot be typed.
    const known = shape('a word').filter((line) => line !== '');
    fc.assert(
      fc.property(
        words.filter((text) => /[^\s\p{C}]/u.test(text)),
        (text) => {
          const again = '## To verify the same again';
          const without = (lines: string[]) => lines.filter((line) => line !== '' && line !== again);
          expect(without(shape(text))).toEqual(without(known));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('has nothing left in it that Markdown or HTML takes for more than text', () => {
    fc.assert(
      fc.property(words, (text) => {
        const said =
          /^\*\*Error:\*\* (.*)$/m.exec(renderMarkdown(saying(text), { content: false, most: 1 }))?.[1] ?? '';
        const unescaped = said.replace(/\\[!-/:-@[-`{-~]/g, 'x').replace(/&(?:amp|lt|gt);/g, 'x');
        expect(unescaped).not.toMatch(/[\\`*_[\]|~#@!$<>&]|:\/\//);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each<[said: string, written: string]>([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['[a](javascript:b) ![c](d)', '\\[a\\](javascript:b) \\!\\[c\\](d)'],
    ['see http://evil.test or www.evil.test', 'see http\\://evil.test or www\\.evil.test'],
    ['@team, see #12 and `code` | $x$', '\\@team, see \\#12 and \\`code\\` \\| \\$x\\$'],
    ['one\n# two\u2028three\u202e', 'one \\# two three'],
    ['&amp; \\', '&amp;amp; \\\\'],
  ])('%s', (said, written) => {
    expect(renderMarkdown(saying(said), { content: false, most: 1 })).toContain(`**Error:** ${written}\n`);
  });

  test.each(['- a', '+ a', '1. a', '12) a', '---', '===', '=', '-'])('opens no list and draws no line: %s', (said) => {
    const [notice] =
      /^- .*$/m.exec(
        renderMarkdown(report({ result: verify(), notices: [said] }), { content: false, most: 1 }).split(
          '## Notices',
        )[1] ?? '',
      ) ?? [];
    expect(notice).toMatch(/^- \d*\\[-+=.)]/);
  });
});

test.each([damaged(), clean(), broken()])(
  'it ends with one line break, and has no two empty lines together',
  (each) => {
    const text = renderMarkdown(each, { content: true, most: 1_000 });
    expect(text).toMatch(/[^\n]\n$/);
    expect(text).not.toContain('\n\n\n');
  },
);

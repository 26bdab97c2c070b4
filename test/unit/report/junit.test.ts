/** The JUnit XML: valid whatever the report holds, green exactly where the exit code is 0, and each workspace in its own colour. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../../src/model/run.ts';
import { FINDING_KINDS, type VerifyResult, WORKSPACE_VERDICTS } from '../../../src/model/verify.ts';
import { renderJunit } from '../../../src/report/junit.ts';
import { junitCase, junitFaults } from '../../support/junit.ts';
import { broken, clean, damaged } from './damaged.ts';
import { codeOf, type Ending, someVerify, verdictsAgree } from './outcomes.ts';
import { apply, finding, report, verify } from './reports.ts';

const junit = (result: VerifyResult, values: Partial<Report> = {}, content = false) =>
  renderJunit(report({ result, exitCode: codeOf(result, values), ...values }), content);

describe('by the schema', () => {
  test('every report is valid', async () => {
    const others = [report(), report({ mode: 'apply', result: apply() }), report({ result: verify() })];
    const reports = [damaged(), clean(), broken(), ...others];
    expect(
      await junitFaults(...reports.flatMap((each) => [renderJunit(each, false), renderJunit(each, true)])),
    ).toEqual([]);
  });

  test('it is valid whatever somebody else wrote, and says it to the letter where XML can', async () => {
    const words = fc.string({ unit: 'binary', maxLength: 40 });
    const nasty = fc.constantFrom(
      ']]>',
      '<!-- ',
      '&amp;',
      '"\'',
      '\u0000\u0008\u000b',
      '\ud800',
      '\ufffe',
      '\r\n\t',
      '<?xml?>',
    );
    const samples = fc.sample(fc.oneof(words, nasty), 100);
    const documents = samples.map((text) =>
      renderJunit(
        report({
          plugin: { url: text, status: 'ok', version: text, capabilities: [] },
          notices: [text],
          result: verify({
            seed: text,
            listed: [finding({ sentence: text, next: text, excerpts: { expected: text, found: text } })],
            errors: [{ workspaceId: 'other', sentence: text }],
            findings: { missing: 1 },
          }),
        }),
        true,
      ),
    );
    expect(await junitFaults(...documents)).toEqual([]);
  });

  test.each<[string, string, string]>([
    ['two outcomes', '<skipped message="the run ended before its turn"/>', '<skipped/><error type="x"/>'],
    ['a case without a name', ' name="verdict"', ''],
    ['two cases of one name', 'name="00000001-0000-4000-8000-00000000000b"', 'name="verdict"'],
    ['a failure without a type', ' type="leak"', ''],
    ['a time in the dialect of no one', 'time="65.432"', 'time="1 min"'],
    ['a zone', 'timestamp="2026-11-20T17:00:00"', 'timestamp="2026-11-20T17:00:00Z"'],
    ['an attribute that nobody knows', '<testsuites ', '<testsuites workspaces="4" '],
  ])('%s is not', async (_, from, to) => {
    const whole = renderJunit(damaged(), false);
    expect(whole).toContain(from);
    expect(await junitFaults(whole.replace(from, to))).not.toEqual([]);
  });
});

test('characters that XML cannot hold are replaced, the others come back as they were', () => {
  const sentence = 'a<b>&"c"\n]]>\u0000\ud800\r\u{1f600}';
  const shown = junit(verify({ listed: [finding({ sentence, next: '' })], findings: { missing: 1 } }));
  expect(shown).toContain('missing: a1 a&lt;b&gt;&amp;"c"\n]]&gt;\ufffd\ufffd\ufffd\u{1f600}\n');
  expect(junit(verify({ seed: 'a"b\nc\td' }))).toContain('<property name="seed" value="a&quot;b&#10;c&#9;d"/>');
});

describe('a workspace', () => {
  const judged = (verdict: (typeof WORKSPACE_VERDICTS)[number]) => [{ id: 'sales', verdict, rows: 3 }];
  const one = { sampled: 1, matches: 0 };
  const saysNothing = 'Its findings are not among those that a report lists.';

  test.each<[string, VerifyResult, string]>([
    ['that matches passes', verify({ judged: judged('matches') }), '<system-out>3 rows of its own</system-out>'],
    [
      'that was not reached is skipped',
      verify({ judged: judged('unchecked'), workspaces: { ...one, unchecked: 1 } }),
      '<skipped message="the run ended before its turn"/>',
    ],
    [
      'that could not be checked is an error, with the reasons',
      verify({
        judged: judged('errors'),
        workspaces: { ...one, errors: 1 },
        errors: [
          { workspaceId: 'sales', sentence: 'No.' },
          { workspaceId: 'sales', sentence: 'Never.' },
        ],
      }),
      '<error message="could not be checked" type="not-checked">No.\nNever.</error>',
    ],
    [
      'that could not be checked is an error, even where the reasons are not listed',
      verify({ judged: judged('errors'), workspaces: { ...one, errors: 1 } }),
      '<error message="could not be checked" type="not-checked"/>',
    ],
    [
      'that differs fails, even where its findings are not listed',
      verify({ judged: judged('mismatches'), workspaces: { ...one, mismatches: 1 }, findings: { missing: 2_000 } }),
      `<failure message="differs from what was planned" type="mismatch">${saysNothing}</failure>`,
    ],
    [
      'that is unproven fails, even where its findings are not listed',
      verify({ judged: judged('unproven'), workspaces: { ...one, unproven: 1 }, findings: { unproven: 2_000 } }),
      `<failure message="has rows that search could not settle" type="unproven">${saysNothing}</failure>`,
    ],
    [
      'that is unproven is skipped where that is let pass',
      verify({
        judged: judged('unproven'),
        workspaces: { ...one, unproven: 1 },
        findings: { unproven: 1 },
        listed: [finding({ kind: 'unproven' })],
        allowUnproven: 1,
      }),
      '<skipped message="has rows that search could not settle; --allow-unproven lets them pass"/>',
    ],
  ])('%s', (_, result, expected) => {
    expect(junitCase('sales', junit(result))).toBe(expected);
  });

  test('that differs shows all its findings, and not the unproven ones that are let pass', () => {
    const result = verify({
      judged: judged('mismatches'),
      findings: { missing: 2, content: 1, unproven: 1 },
      listed: [
        finding(),
        finding({ id: 'a2', foundIn: 'team:beta', foundAs: 'b2', evidence: 'text', writtenBy: 'run-1', next: '' }),
        finding({ id: 'a3', kind: 'content', namespace: null, excerpts: { expected: 'Yes.', found: 'No.' } }),
        finding({ id: 'a4', kind: 'unproven' }),
        finding({ id: 'z1', workspaceId: 'other' }),
      ],
      allowUnproven: 1,
    });
    expect(junitCase('sales', junit(result, {}, true))).toBe(
      `<failure message="2 missing, 1 with another content" type="missing">missing: a1 is not in the plugin
  belongs to: team:acme
  next: Copy it with --apply.

missing: a2 is not in the plugin
  belongs to: team:acme
  found in: team:beta as b2
  known by its text alone
  written by run: run-1

content: a3 is not in the plugin
  belongs to: no namespace
  source: Yes.
  plugin: No.
  next: Copy it with --apply.</failure>`,
    );
    expect(junitCase('other', junit(result))).toMatch(/^<failure message="1 missing" type="missing">missing: z1 /);
    expect(junit(result)).not.toMatch(/source: |plugin: /);
  });

  test('that is none, and what belongs to none, have a case as well', () => {
    const result = verify({
      findings: { leak: 1 },
      listed: [finding({ kind: 'leak', workspaceId: null })],
      errors: [
        { workspaceId: null, sentence: 'No.' },
        { workspaceId: 'elsewhere', sentence: 'Never.' },
      ],
    });
    expect(junitCase('rows of no workspace', junit(result))).toMatch(/^<failure message="1 leak" type="leak">/);
    expect(junitCase('elsewhere', junit(result))).toMatch(/^<error .*>Never\.<\/error>$/);
  });
});

describe('the last case is the verdict', () => {
  test('with all that stands beside it', () => {
    expect(junitCase('verdict', renderJunit(clean(), false))).toContain('EQUAL: all 2,345 rows of 50 workspaces');
    expect(junitCase('verdict', renderJunit(broken(), false))).toBe(
      '<error message="There is no result." type="not-checked">What MEMORY_PLUGIN_URL names is not serving: connect ECONNREFUSED.</error>',
    );
    const cut = junit(verify({ findings: { missing: 2_000 }, listed: [finding()], workspaces: { sampled: 12_000 } }));
    expect(junitCase('verdict', cut)).toContain(
      '1 of 2,000 findings are listed.\n0 of 12,000 workspaces have a case of their own.',
    );
    const interrupted = { interruptedBy: 'SIGTERM', error: { code: 'source', message: 'Gone.' } } as const;
    expect(junitCase('verdict', junit(verify(), interrupted))).toContain('Gone.\nInterrupted by SIGTERM.');
  });

  test('and its colour is the exit code’s', () => {
    verdictsAgree(someVerify, (result, values) => {
      const shown = junitCase('verdict', junit(result, values));
      return /(?:message="|<system-out>)([^:]+):/.exec(shown)?.[1] ?? '';
    });
  });

  test('no file is green whose run was not, and none is red whose run was', () => {
    fc.assert(
      fc.property(someVerify, workspaces, ({ result, values }, judged) => {
        const { exitCode, ...whole } = told(result, values, judged);
        const shown = renderJunit({ ...whole, exitCode }, false);
        expect(/<(?:failure|error) /.test(shown)).toBe(exitCode !== 0);
      }),
      { numRuns: 500 },
    );
  });
});

const workspaces = fc.array(fc.constantFrom(...WORKSPACE_VERDICTS), { maxLength: 4 });

/** The report of a verify whose parts say the same: each verdict on a workspace is counted, and so is each finding. */
function told(
  result: VerifyResult,
  values: Ending['values'],
  verdicts: VerifyResult['judged'][number]['verdict'][],
): Report {
  const judged = verdicts.map((verdict, index) => ({ id: `w${index}`, verdict, rows: 1 }));
  const number = (wanted: string) => verdicts.filter((verdict) => verdict === wanted).length;
  const findings = { ...result.findings };
  findings.missing += number('mismatches');
  findings.unproven += number('unproven');
  const listed = FINDING_KINDS.flatMap((kind) =>
    Array.from({ length: result.findings[kind] }, () => finding({ kind })),
  );
  const whole = verify({
    ...result,
    findings,
    judged,
    listed,
    workspaces: {
      ...result.workspaces,
      errors: result.workspaces.errors + number('errors'),
      unchecked: result.workspaces.unchecked + number('unchecked'),
    },
  });
  return report({ ...values, result: whole, exitCode: codeOf(whole, values) });
}

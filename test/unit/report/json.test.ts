/** The report for machines: one object, whole, and without content of memories unless that was asked for. */
import { describe, expect, test } from 'vitest';
import { renderJson, withoutContent } from '../../../src/report/json.ts';
import { apply, dryRun, finding, report, verify } from './reports.ts';

const SECRET = 'The safe opens with 8361.';
const withExcerpts = report({
  result: verify({
    listed: [finding({ excerpts: { expected: SECRET, found: SECRET } }), finding({ id: 'a2' })],
    findings: { missing: 2 },
  }),
});

describe('the JSON', () => {
  test('is the report itself, on lines of its own', () => {
    const whole = report({ mode: 'dry-run', result: dryRun({ scanned: 3, changes: { new: 3 } }), notices: ['Seen.'] });
    const json = renderJson(whole, false);
    expect(JSON.parse(json)).toEqual(whole);
    expect(json).toBe(`${JSON.stringify(whole, null, 2)}\n`);
  });

  test('begins with the version of its shape', () => {
    expect(renderJson(report({ mode: 'apply', result: apply() }), false).startsWith('{\n  "report": 1,\n')).toBe(true);
  });

  test('holds no excerpt of a memory', () => {
    const json = renderJson(withExcerpts, false);
    expect(json).not.toContain(SECRET);
    expect(json).not.toContain('excerpts');
    expect(JSON.parse(json)).toEqual({
      ...withExcerpts,
      result: verify({ listed: [finding(), finding({ id: 'a2' })], findings: { missing: 2 } }),
    });
  });

  test('holds excerpts where they were asked for', () => {
    expect(JSON.parse(renderJson(withExcerpts, true))).toEqual(withExcerpts);
  });
});

test('taking the content out of a report leaves the report as it was', () => {
  const before = structuredClone(withExcerpts);
  withoutContent(withExcerpts);
  expect(withExcerpts).toEqual(before);
});

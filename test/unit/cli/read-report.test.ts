/** A report that is read back is one that this tool can have written; anything else is refused without a word of what it says. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readReport } from '../../../src/cli/read-report.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import type { Report } from '../../../src/model/run.ts';
import { renderJson } from '../../../src/report/json.ts';
import { damaged } from '../report/damaged.ts';
import { report, verify } from '../report/reports.ts';

/** Reads a file with this in it; in a complaint, FILE stands for it. */
async function read(content: string): Promise<Report> {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'report '));
  const file = path.join(folder.path, 'report.json');
  await writeFile(file, content);
  return await readReport(file).catch((error: unknown) => {
    if (error instanceof UsageError) throw new UsageError(error.message.replaceAll(file, 'FILE'));
    throw error;
  });
}

test.each([true, false])('what --json printed comes back, with content or without: %s', async (content) => {
  const printed = renderJson(damaged(), content);
  expect(await read(printed)).toEqual(JSON.parse(printed));
});

describe('refused is', () => {
  test.each<[string, string, string]>([
    ['what is no JSON', '{"secret', 'FILE is no JSON: a report is what --json prints, whole.'],
    ['an empty file', '', 'FILE is no JSON: a report is what --json prints, whole.'],
    [
      'a report that was cut off',
      renderJson(damaged(), true).slice(0, -20),
      'FILE is no JSON: a report is what --json prints, whole.',
    ],
    ['JSON of something else', '["secret"]', 'FILE is no report of memory-backfill: it names no version.'],
    ['nothing at all', 'null', 'FILE is no report of memory-backfill: it names no version.'],
    [
      'a report of another version',
      JSON.stringify({ ...report(), report: 2 }),
      'FILE is a report of another version than 1, which is the one that is read here.',
    ],
    [
      'a version in words',
      JSON.stringify({ ...report(), report: 'secret' }),
      'FILE is a report of another version than 1, which is the one that is read here.',
    ],
    [
      'a report with a field too many',
      JSON.stringify(report({ result: { ...verify(), ...{ secret: 1 } } })),
      'FILE is not of the shape of a report: /result must NOT have additional properties.',
    ],
    [
      'a report with another value',
      JSON.stringify({ ...report(), exitCode: 'secret' }),
      'FILE is not of the shape of a report: /exitCode must be number.',
    ],
  ])('%s', async (_, content, complaint) => {
    await expect(read(content)).rejects.toEqual(new UsageError(complaint));
  });

  test('a file that cannot be read', async () => {
    await expect(readReport('/nowhere/report.json')).rejects.toEqual(
      new UsageError('The report ("/nowhere/report.json") could not be read: ENOENT.'),
    );
    await expect(readReport(tmpdir())).rejects.toThrow(/could not be read: EISDIR\.$/);
  });
});

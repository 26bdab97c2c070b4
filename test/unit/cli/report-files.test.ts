/** The files beside a report: tried before the run, written whole after it. */
import { mkdir, mkdtempDisposable, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ReportFiles } from '../../../src/cli/options.ts';
import { checkReportFiles, writeReportFiles } from '../../../src/cli/report-files.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import { RunError } from '../../../src/model/errors.ts';
import { renderJunit } from '../../../src/report/junit.ts';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { damaged } from '../report/damaged.ts';
import { finding, report, verify } from '../report/reports.ts';

const NONE: ReportFiles = { receipt: null, junit: null, markdown: null, summary: null };
const ALL = ['receipt', 'junit', 'markdown', 'summary'] as const;
const FLAGS = { receipt: '--receipt', junit: '--junit', markdown: '--report', summary: 'GITHUB_STEP_SUMMARY' };

const folder = () => mkdtempDisposable(path.join(tmpdir(), 'report files '));

/** What the operator reads, with FOLDER for the folder. */
async function complaint(checking: Promise<void>, place: string): Promise<string> {
  const error: unknown = await checking.catch((thrown: unknown) => thrown);
  if (error instanceof UsageError) return error.message.replaceAll(place, 'FOLDER');
  throw new Error(`There was nothing to complain about: ${error}`);
}

describe('before the run', () => {
  test('files that can be written are tried, and neither made nor changed', async () => {
    await using place = await folder();
    const files = Object.fromEntries(ALL.map((name) => [name, path.join(place.path, name)]));
    await checkReportFiles({ ...NONE, ...files });
    expect(await readdir(place.path)).toEqual([]);

    for (const name of ALL) await writeFile(path.join(place.path, name), `old ${name}`);
    await checkReportFiles({ ...NONE, ...files });
    expect((await readdir(place.path)).sort()).toEqual([...ALL].sort());
    for (const name of ALL) expect(await readFile(path.join(place.path, name), 'utf8')).toBe(`old ${name}`);
  });

  test.each(ALL)('%s: a folder that does not exist is complained of', async (name) => {
    await using place = await folder();
    const file = path.join(place.path, 'missing', 'file');
    expect(await complaint(checkReportFiles({ ...NONE, [name]: file }), place.path)).toBe(
      `The file of ${FLAGS[name]} ("FOLDER/missing/file") cannot be written: ENOENT.`,
    );
  });

  test.each(ALL)('%s: a name that no file can have is complained of', async (name) => {
    await using place = await folder();
    const file = path.join(place.path, 'x'.repeat(300));
    expect(await complaint(checkReportFiles({ ...NONE, [name]: file }), place.path)).toMatch(
      /^The file of .* cannot be written: ENAMETOOLONG\.$/,
    );
  });

  test.each(ALL)('%s: what is no regular file is complained of, and left as it is', async (name) => {
    await using place = await folder();
    const file = path.join(place.path, 'folder');
    await mkdir(file);
    expect(await complaint(checkReportFiles({ ...NONE, [name]: file }), place.path)).toBe(
      `The file of ${FLAGS[name]} ("FOLDER/folder") cannot be written: what has that name is no regular file.`,
    );
    const device = path.join(place.path, 'device');
    await symlink('/dev/null', device);
    await expect(checkReportFiles({ ...NONE, [name]: device })).rejects.toThrow('is no regular file');
  });

  test('two that are one are complained of, however they are written', async () => {
    await using place = await folder();
    const junit = path.join(place.path, 'out');
    const markdown = `${place.path}/./x/../out`;
    expect(await complaint(checkReportFiles({ ...NONE, junit, markdown }), place.path)).toBe(
      '--junit and --report name the same file: give each its own.',
    );
  });

  test('with none asked for, nothing is wrong', async () => {
    await expect(checkReportFiles(NONE)).resolves.toBeUndefined();
  });
});

describe('after the run', () => {
  test('each is written whole, and nothing is left beside it', async () => {
    await using place = await folder();
    const [junit, markdown, summary] = ['a.xml', 'b.md', 'c.md'].map((name) => path.join(place.path, name));
    if (!junit || !markdown || !summary) throw new Error('A name is missing.');
    await writeFile(junit, 'old'.repeat(100_000));
    await writeFile(`${markdown}.partial`, 'left by a crash '.repeat(100_000));
    await writeFile(summary, 'What another step said');
    await writeReportFiles({ ...NONE, junit, markdown, summary }, damaged(), false);

    expect(await readFile(junit, 'utf8')).toBe(renderJunit(damaged(), false));
    const text = renderMarkdown(damaged(), { content: false, most: 1_000 });
    expect(await readFile(markdown, 'utf8')).toBe(text);
    expect(await readFile(summary, 'utf8')).toBe(`What another step said\n${text}`);
    expect((await readdir(place.path)).sort()).toEqual(['a.xml', 'b.md', 'c.md']);
  });

  test('they hold content where it was asked for', async () => {
    await using place = await folder();
    const junit = path.join(place.path, 'a.xml');
    await writeReportFiles({ ...NONE, junit }, damaged(), true);
    expect(await readFile(junit, 'utf8')).toBe(renderJunit(damaged(), true));
  });

  test('a summary lists fewer findings than a file, since a job has a megabyte for it', async () => {
    await using place = await folder();
    const [markdown, summary] = [path.join(place.path, 'a.md'), path.join(place.path, 'b.md')];
    const listed = Array.from({ length: 1_000 }, (_, index) => finding({ id: `row-${index}` }));
    const many = report({ result: verify({ listed, findings: { missing: 5_000 } }), exitCode: 1 });
    await writeReportFiles({ ...NONE, markdown, summary }, many, false);
    expect(await readFile(markdown, 'utf8')).toContain('it shows 1,000 of 5,000 findings');
    expect(await readFile(summary, 'utf8')).toContain('it shows 200 of 5,000 findings');
  });

  test('where one cannot be written, the error names it, and the others are written all the same', async () => {
    await using place = await folder();
    const junit = path.join(place.path, 'gone', 'a.xml');
    const markdown = path.join(place.path, 'b.md');
    const writing = writeReportFiles({ ...NONE, junit, markdown }, damaged(), false);
    const error: unknown = await writing.catch((thrown: unknown) => thrown);
    if (!(error instanceof RunError)) throw new Error(`This is no RunError: ${error}`);
    expect([error.code, error.message]).toEqual(['output', `The report could not be written to ${junit}: ENOENT.`]);
    expect(error.cause).toBeInstanceOf(Error);
    expect(await readdir(place.path)).toEqual(['b.md']);
  });

  test('the receipt is another’s to write', async () => {
    await using place = await folder();
    await writeReportFiles({ ...NONE, receipt: path.join(place.path, 'receipt.json') }, damaged(), false);
    expect(await readdir(place.path)).toEqual([]);
  });
});

/**
 * The files that a verify leaves beside what it prints: JUnit XML, Markdown, and the summary of a CI job.
 *
 * They are tried before anything is verified, so that nobody waits an hour to learn of a wrong path. A file is written beside its
 * final name and renamed when it is whole: a crash leaves `FILE.partial` and, where there was one, the earlier FILE. The summary
 * belongs to the whole job and is appended to.
 */
import { appendFile, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { RunError } from '../model/errors.ts';
import type { Report } from '../model/run.ts';
import { renderJunit } from '../report/junit.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { partial, troubleOf, writeWhole } from './files.ts';
import type { ReportFiles } from './options.ts';
import { quoted, UsageError } from './usage-error.ts';

/** Findings that are listed: in a summary, fewer, since those of a CI job share a megabyte. */
const MOST = { file: 1_000, summary: 200 };

/** How each file was asked for. */
const ASKED_BY: Record<keyof ReportFiles, string> = {
  receipt: '--receipt',
  junit: '--junit',
  markdown: '--report',
  summary: 'GITHUB_STEP_SUMMARY',
};

/** @throws UsageError for a file that cannot be written where it is asked for, and for two that are one */
export async function checkReportFiles(files: ReportFiles): Promise<void> {
  const seen = new Map<string, string>();
  for (const [name, file] of asked(files)) {
    const by = ASKED_BY[name];
    const earlier = seen.get(path.resolve(file));
    if (earlier !== undefined) throw new UsageError(`${earlier} and ${by} name the same file: give each its own.`);
    seen.set(path.resolve(file), by);
    await tried(file, name === 'summary').catch((error: unknown) => {
      throw new UsageError(`The file of ${by} (${quoted(file)}) cannot be written: ${troubleOf(error)}.`);
    });
  }
}

function asked(files: ReportFiles): Array<[name: keyof ReportFiles, file: string]> {
  const { receipt, junit, markdown, summary } = files;
  const named: Array<[keyof ReportFiles, string | null]> = [
    ['receipt', receipt],
    ['junit', junit],
    ['markdown', markdown],
    ['summary', summary],
  ];
  return named.flatMap(([name, file]): Array<[keyof ReportFiles, string]> => (file === null ? [] : [[name, file]]));
}

/** Does what writing will do, and leaves nothing behind. */
async function tried(file: string, appended: boolean): Promise<void> {
  const there = await stat(file).catch(() => null);
  if (there && !there.isFile()) throw new Error('what has that name is no regular file');
  if (there && appended) return await opened(file);
  await opened(partial(file));
  await rm(partial(file));
}

async function opened(file: string): Promise<void> {
  const handle = await open(file, 'a');
  await handle.close();
}

/**
 * Writes what is asked for, but for the receipt. Where one file fails, the others are written all the same.
 *
 * @param content excerpts of memories are wanted in the files
 * @throws RunError `output` for the first that could not be written
 */
export async function writeReportFiles(files: ReportFiles, report: Report, content: boolean): Promise<void> {
  const writes = [
    { file: files.junit, write: (file: string) => writeWhole(file, renderJunit(report, content)) },
    {
      file: files.markdown,
      write: (file: string) => writeWhole(file, renderMarkdown(report, { content, most: MOST.file })),
    },
    {
      file: files.summary,
      // What others wrote there need not end its last line.
      write: (file: string) => appendFile(file, `\n${renderMarkdown(report, { content, most: MOST.summary })}`),
    },
  ];
  let first: RunError | null = null;
  for (const { file, write } of writes) {
    if (file === null) continue;
    await write(file).catch((error: unknown) => {
      first ??= new RunError('output', `The report could not be written to ${file}: ${troubleOf(error)}.`, {
        cause: error,
      });
    });
  }
  if (first !== null) throw first;
}

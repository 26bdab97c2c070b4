/**
 * Reads a report back that an earlier run wrote with `--json`.
 *
 * What is read decides what is sent and what is forgotten, so that it is of the shape that is published, or refused. Complaints
 * name the place and repeat nothing of what stands there: a report may quote memories.
 */
import type { Report } from '../model/run.ts';
import { readWhole } from './files.ts';
import { UsageError } from './usage-error.ts';

/** @throws UsageError for a file that cannot be read, and for one that is no report of this version */
export async function readReport(path: string): Promise<Report> {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await readWhole(path, 'The report'));
  const body = json(text, path);
  const version = typeof body === 'object' && body !== null && 'report' in body ? body.report : undefined;
  if (version === undefined) throw new UsageError(`${path} is no report of memory-backfill: it names no version.`);
  if (version !== 1) {
    throw new UsageError(`${path} is a report of another version than 1, which is the one that is read here.`);
  }
  // With its schema and a compiler for that it is a sixth of the tool, which the other runs need not read.
  const { reportCheck } = await import('../contract/report.ts');
  const isReport = reportCheck<Report>();
  if (isReport(body)) return body;
  throw new UsageError(`${path} is not of the shape of a report: ${isReport.reason()}.`);
}

function json(whole: string, path: string): unknown {
  try {
    return JSON.parse(whole);
  } catch {
    throw new UsageError(`${path} is no JSON: a report is what --json prints, whole.`);
  }
}

/** The files that the command line writes, read as a script would read them. */
import { readFile } from 'node:fs/promises';
import type { Finding } from '../src/model/verify.ts';
import type { Places } from './copies.ts';

/** @returns where a plan sends the rows that it does not skip. */
export async function placesIn(planFile: string): Promise<Places> {
  const places = new Map<string, string>();
  for (const line of (await readFile(planFile, 'utf8')).trimEnd().split('\n')) {
    const planned: unknown = JSON.parse(line);
    if (!isRecord(planned) || typeof planned.id !== 'string') throw new Error(`This is no line of a plan: ${line}`);
    if (typeof planned.namespace === 'string') places.set(planned.id, planned.namespace);
  }
  return places;
}

/** @returns what a verify found, by the memory's id. */
export async function findingsIn(reportFile: string): Promise<Map<string, Finding['kind']>> {
  const report: unknown = JSON.parse(await readFile(reportFile, 'utf8'));
  if (!isVerifyReport(report)) throw new Error('This is no report of a verify.');
  return new Map(report.result.listed.map(({ id, kind }) => [id, kind]));
}

/** The command line is built from the same types: this tells its report from anything else, and does not look inside. */
function isVerifyReport(body: unknown): body is { result: { listed: Finding[] } } {
  return isRecord(body) && isRecord(body.result) && Array.isArray(body.result.listed);
}

function isRecord(body: unknown): body is Record<string, unknown> {
  return typeof body === 'object' && body !== null;
}

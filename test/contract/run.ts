/**
 * The contract suite on the command line, for whoever writes or runs a plugin:
 *
 *   npm run test:contract -- --url http://127.0.0.1:8080
 *
 * Exit codes: 0 every check that applies has passed, 1 one has failed, 2 wrong usage, 3 the plugin cannot be reached.
 */
import { parseArgs } from 'node:util';
import type { Check } from './check.ts';
import { announcedBy, checks, runCheck } from './suite.ts';

type Outcome = 'ok' | 'FAILED' | 'not announced';

process.exitCode = await main();

async function main(): Promise<number> {
  const url = urlFrom(process.argv.slice(2));
  if (url === undefined) {
    console.error('Usage: npm run test:contract -- --url http://HOST:PORT');
    return 2;
  }
  const announced = await announcedBy(url).catch(() => undefined);
  if (announced === undefined) {
    console.error('Nothing answers under this URL.');
    return 3;
  }
  const counts: Record<Outcome, number> = { ok: 0, FAILED: 0, 'not announced': 0 };
  for (const check of checks) {
    const applies = check.needs === undefined || announced.has(check.needs);
    const complaint = applies ? await complaintAbout(check, url) : undefined;
    const outcome = !applies ? 'not announced' : complaint === undefined ? 'ok' : 'FAILED';
    counts[outcome] += 1;
    console.log(`${outcome.padEnd(13)} ${check.name}`);
    if (complaint !== undefined) console.log(complaint.replaceAll(/^/gm, ' '.repeat(14)));
  }
  console.log(`\n${counts['not announced']} not announced`);
  console.log(`${counts.ok} passed, ${counts.FAILED} failed`);
  return counts.FAILED > 0 ? 1 : 0;
}

async function complaintAbout(check: Check, url: string): Promise<string | undefined> {
  try {
    await runCheck(check, url);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function urlFrom(args: string[]): string | undefined {
  try {
    const { url } = parseArgs({ args, options: { url: { type: 'string' } } }).values;
    return url !== undefined && /^https?:$/.test(new URL(url).protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Loaded into a process before its own code, by `--import`: when it ends, the last line on stderr tells what it has used, start-up
 * and all. A process that a signal ends says nothing.
 */
import { writeSync } from 'node:fs';

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { cpuMs: (userCPUTime + systemCPUTime) / 1000, maxRssBytes: maxRSS * 1024 };
  writeSync(2, `\nusage-at-exit ${JSON.stringify(usage)}\n`);
});

/**
 * `npm run bench`: every figure that is promised of the tool's speed, as a ratio measured here and now, beside its bound.
 *
 *     npm run bench                              all of it, in less than ten minutes
 *     npm run bench -- --only throughput,cpu     some of it, by name
 *     npm run bench -- --short                   a minute for CI: fails where a ratio is worse than its bound by half
 *     npm run bench -- --durable                 with a Postgres that writes to disk before it acknowledges: disks differ, so by default it does not
 *     npm run bench -- --json FILE               where the results go, bench-results.json by default
 *
 * Real parts throughout: Postgres, plugins in processes of their own, the built command line. What is compared takes turns (parts/
 * interleave.ts), and only ratios are judged, never absolute figures: those depend on the machine.
 *
 * It exits with 1 where a ratio breaks its bound, with 3 where one could not be measured, and with 2 where it was called wrongly.
 */
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { openBench } from './bench.ts';
import { ceiling } from './ceiling.ts';
import { machine, machineLine } from './machine.ts';
import { measured, type Row, type Scenario } from './scenario.ts';
import { adaptive, latency, slowDown } from './scenarios/adaptive.ts';
import { contents } from './scenarios/contents.ts';
import { cpu } from './scenarios/cpu.ts';
import { giant, giantOrdered } from './scenarios/giant.ts';
import { ledger } from './scenarios/ledger.ts';
import { memory } from './scenarios/memory.ts';
import { oldWay } from './scenarios/old-way.ts';
import { reading } from './scenarios/reading.ts';
import { smallPool } from './scenarios/small-pool.ts';
import { sourceWait } from './scenarios/source-wait.ts';
import { throughput } from './scenarios/throughput.ts';
import { verify } from './scenarios/verify.ts';
import { table } from './table.ts';

const SCENARIOS: readonly Scenario[] = [
  throughput,
  oldWay,
  ...adaptive,
  cpu,
  memory,
  sourceWait,
  reading,
  verify,
  giant,
  ledger,
  ceiling,
  giantOrdered,
  contents,
  smallPool,
  latency,
  slowDown,
];

// So that whatever was started ends with it: servers and children are released when the process exits.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = readArguments();
  if (typeof asked === 'string') {
    console.error(asked);
    return 2;
  }
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 1000);
  const say = (line: string) => console.error(`${String(seconds()).padStart(4)} s  ${line}`);

  await using stack = new AsyncDisposableStack();
  const names = asked.scenarios.map(({ name }) => name);
  const bench = openBench({ short: asked.short, durable: asked.durable, names, say }, stack);
  const rows: Row[] = [];
  for (const scenario of asked.scenarios) {
    const row = await measured(scenario, bench);
    say(`${row.name}: ${row.outcome}`);
    rows.push(row);
  }

  const where = machine(await bench.postgresVersion(), asked.durable);
  console.log(`${table(rows)}\n\n${machineLine(where)}; ${seconds()} s`);
  const results = {
    bench: 1,
    at: new Date().toISOString(),
    short: asked.short,
    seconds: seconds(),
    machine: where,
    rows,
  };
  writeFileSync(asked.json, `${JSON.stringify(results, null, 2)}\n`);
  return exitCode(rows);
}

function exitCode(rows: readonly Row[]): number {
  if (rows.some(({ outcome }) => outcome === 'fail')) return 1;
  return rows.some(({ outcome }) => outcome === 'unmeasured') ? 3 : 0;
}

interface Asked {
  scenarios: readonly Scenario[];
  short: boolean;
  durable: boolean;
  json: string;
}

/** @returns what is wrong with them, where something is */
function readArguments(): Asked | string {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        short: { type: 'boolean', default: false },
        durable: { type: 'boolean', default: false },
        json: { type: 'string', default: 'bench-results.json' },
      },
    });
    const { only, short, durable, json } = values;
    const wanted = only?.split(',');
    const unknown = wanted?.find((name) => !SCENARIOS.some((scenario) => scenario.name === name));
    if (unknown !== undefined) {
      return `There is no scenario "${unknown}", but ${SCENARIOS.map(({ name }) => name).join(', ')}.`;
    }
    const scenarios = SCENARIOS.filter((scenario) => wanted?.includes(scenario.name) ?? (!short || scenario.short));
    return { scenarios, short, durable, json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

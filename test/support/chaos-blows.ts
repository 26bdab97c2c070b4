/**
 * The blows that a crash test deals: to the run itself, to the plugin, to its sessions in Postgres, and to the requests
 * between it and the plugin.
 */
import { setTimeout as pass } from 'node:timers/promises';
import type { Chance } from './chaos-chance.ts';
import type { RunningCli } from './cli.ts';
import type { Fault, FaultProxy, Match, Rule } from './fault-proxy.ts';
import type { World } from './migration.ts';
import { ROW_COMMITS } from './paths.ts';
import type { PluginProcess } from './plugin-process.ts';

export interface Battlefield {
  world: World;
  proxy: FaultProxy;
  chance: Chance;
  /** Undefined where what the plugin holds would be gone with it. */
  restartPlugin: (() => Promise<void>) | undefined;
  plugin(): PluginProcess;
}

/** What a blow may lead to. */
export interface Blow {
  name: string;
  /** How the run must end, unless it had come to its end before. Undefined: it may go on, or stop with 3. */
  ends?: 'killed' | 130 | 143 | 129;
  /** The run may not get its end into the ledger. */
  mayLoseEnd?: boolean;
  /** Rows that the plugin may store once more for it, beside those that were not recorded. */
  repeats(): number;
  strike(run: RunningCli): Promise<void>;
}

/** Commits that are under way at a time: fixed, so that it can be said how many rows a blow may cost. */
export const UNDER_WAY = 4;

const none = () => 0;

export function drawBlow(field: Battlefield): Blow {
  const { chance, restartPlugin } = field;
  const fatal: Array<() => Blow> = [
    killed,
    killed,
    killed,
    () => signalled('SIGTERM', 143),
    () => signalled('SIGHUP', 129),
    twice,
  ];
  const others: Array<() => Blow> = [
    () => burst(field),
    () => burst(field),
    () => cut(field, 'all'),
    () => cut(field, 'the lock'),
    () => cut(field, 'the source'),
    () => frozen(field),
    ...(restartPlugin ? [() => restarted(restartPlugin)] : []),
  ];
  return chance.pick(chance.happens(0.5) ? fatal : others)();
}

// --- To the run -------------------------------------------------------------------------------------------------------

function killed(): Blow {
  return {
    name: 'SIGKILL',
    ends: 'killed',
    mayLoseEnd: true,
    repeats: none,
    strike: async ({ child }) => void child.kill('SIGKILL'),
  };
}

function signalled(signal: 'SIGTERM' | 'SIGHUP', ends: 143 | 129): Blow {
  return { name: signal, ends, repeats: none, strike: async ({ child }) => void child.kill(signal) };
}

function twice(): Blow {
  return {
    name: 'SIGINT twice',
    ends: 130,
    mayLoseEnd: true,
    repeats: none,
    async strike({ child, until }) {
      child.kill('SIGINT');
      await until(/once more stops at once/).catch(() => {});
      child.kill('SIGINT');
    },
  };
}

// --- To the plugin ----------------------------------------------------------------------------------------------------

function restarted(restart: () => Promise<void>): Blow {
  return { name: 'the plugin is killed and started again', repeats: () => UNDER_WAY, strike: restart };
}

function frozen({ plugin, chance }: Battlefield): Blow {
  const milliseconds = chance.between(200, 1_800);
  return {
    name: `the plugin is frozen for ${milliseconds} ms`,
    // With a deadline of a second, the attempts that passed it and those that followed.
    repeats: () => 4 * UNDER_WAY,
    async strike() {
      plugin().freeze();
      await pass(milliseconds);
      plugin().thaw();
    },
  };
}

// --- To its sessions --------------------------------------------------------------------------------------------------

function cut({ world: { sql } }: Battlefield, which: 'all' | 'the lock' | 'the source'): Blow {
  const chosen = {
    all: sql`true`,
    'the lock': sql`exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory')`,
    'the source': sql`(a.query ilike 'fetch %' or a.query ilike '%agent_memories%')`,
  };
  return {
    name: `sessions are cut: ${which}`,
    mayLoseEnd: true,
    repeats: none,
    async strike() {
      await sql`
        select pg_terminate_backend(a.pid) from pg_stat_activity a
         where a.datname = current_database() and a.application_name = 'memory-backfill' and ${chosen[which]}`;
    },
  };
}

// --- To the requests between ------------------------------------------------------------------------------------------

const FAULTS: readonly Fault[] = [
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: 'truncate' },
  { kind: 'answer', status: 429, headers: { 'retry-after': '1' } },
  { kind: 'answer', status: 500, body: '{"code":"internal","message":"Something went wrong."}' },
  { kind: 'answer', status: 502, body: '<h1>Bad Gateway</h1>' },
  { kind: 'answer', status: 503 },
  { kind: 'delay', milliseconds: 150 },
];

function burst({ proxy, chance }: Battlefield): Blow {
  const fault = chance.pick(FAULTS);
  const times = chance.between(1, 6);
  const path = chance.happens(0.8) ? ROW_COMMITS : /\/search$/;
  let rule: Rule | null = null;
  return {
    name: `${times} × ${fault.kind === 'answer' ? fault.status : fault.kind}`,
    repeats: () => rule?.fired ?? 0,
    async strike() {
      rule = proxy.on({ method: 'POST', path, times }, fault);
    },
  };
}

/** The moment of a commit that has come to the proxy: with the plugin still to come, or with the plugin's answer lost. */
export interface Moment {
  came: Promise<void>;
  /** Commits that the plugin has stored and the run has to send again. */
  repeats(): number;
  /** It may come no more. */
  withdraw(): void;
}

export function momentOfCommit({ proxy, chance }: Battlefield, nth: number): Moment {
  const fault: Fault = chance.happens(0.3) ? { kind: 'reset-after' } : { kind: 'delay', milliseconds: 0 };
  const match: Match = { method: 'POST', path: ROW_COMMITS, skip: nth - 1, times: 1 };
  const rule = proxy.on(match, fault);
  return {
    came: rule.firstFired,
    repeats: () => (fault.kind === 'reset-after' ? rule.fired : 0),
    withdraw() {
      // The proxy looks at the match with every request.
      match.times = 0;
    },
  };
}

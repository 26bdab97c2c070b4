/**
 * A plugin whose best concurrency is known, since it is made so: a queue before so many servers, each of which takes so long for a commit,
 * give or take a fifth. With fewer commits under way than there are servers, some have nothing to do; more of them make each slower, as
 * connections that fight over a database do: with four times as many, the rate is two fifths of the best, as in a plugin that was
 * measured. So the best concurrency is the number of servers.
 *
 * It keeps nothing, and computes next to nothing: a commit's end is reckoned when it comes in, and a timer that fires late delays the
 * answer but not the commits behind it. With a service time of 0 it answers at once.
 *
 *     node knee-plugin.ts '{"servers": 4, "serviceMs": 6}'
 *
 * `GET /commits?from=MS&to=MS` tells how many commits it has acknowledged between these two, counted from its first acknowledgement; it
 * answers when the second of them has passed.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { serveContract } from './contract-server.ts';

export interface Knee {
  servers: number;
  /** Milliseconds. */
  serviceMs: number;
  /** Milliseconds that the network takes for a request and its answer, together. */
  latencyMs?: number;
  /** From so many milliseconds after the first acknowledgement on, it has another number of servers. */
  later?: { afterMs: number; servers: number };
}

/** The part of its time by which a commit is slower for as many waiting as there are servers. */
const CONTENTION = 0.5;

/** Milliseconds in which commits are counted together. */
const TICK = 10;

const { latencyMs = 0, later, ...knee }: Knee = JSON.parse(process.argv[2] ?? '');

const counts: number[] = [];
const began = Promise.withResolvers<number>();
let firstAt: number | null = null;
let underWay = 0;
let random = 1;
let freeAt: number[] = [];

serveContract({
  async commit() {
    if (knee.serviceMs === 0) return count();
    if (latencyMs > 0) await pause(latencyMs / 2);
    underWay++;
    await pause(doneAt() - performance.now());
    underWay--;
    count();
    if (latencyMs > 0) await pause(latencyMs / 2);
  },
  async control({ pathname, searchParams }) {
    if (pathname !== '/commits') return undefined;
    const [from, to] = [Number(searchParams.get('from')), Number(searchParams.get('to'))];
    await pause((await began.promise) + to - performance.now());
    let commits = 0;
    for (let tick = Math.floor(from / TICK); tick < to / TICK; tick++) commits += counts[tick] ?? 0;
    return { commits };
  },
});

/** Takes the server that is free first. @returns when it will be done with the commit */
function doneAt(): number {
  const servers = serversNow();
  if (freeAt.length !== servers) freeAt = Array.from({ length: servers }, (_server, index) => freeAt[index] ?? 0);
  const crowd = Math.max(0, underWay - servers) / servers;
  const free = Math.min(...freeAt);
  const done = Math.max(free, performance.now()) + knee.serviceMs * (1 + CONTENTION * crowd) * giveOrTake();
  freeAt[freeAt.indexOf(free)] = done;
  return done;
}

function serversNow(): number {
  const isLater = later && firstAt !== null && performance.now() - firstAt >= later.afterMs;
  return isLater ? later.servers : knee.servers;
}

/** From 0.8 to 1.2, and the same ones in each run. */
function giveOrTake(): number {
  random = (random * 48_271) % 2_147_483_647;
  return 0.8 + (0.4 * random) / 2_147_483_647;
}

function count(): void {
  const now = performance.now();
  if (firstAt === null) {
    firstAt = now;
    began.resolve(now);
  }
  const tick = Math.floor((now - firstAt) / TICK);
  counts[tick] = (counts[tick] ?? 0) + 1;
}

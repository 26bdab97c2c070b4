/**
 * A plugin under load as a model: a deterministic simulation, event by event, of a closed loop of senders and a plugin, in which a
 * minute passes in a few milliseconds.
 */
import type { Controller, Sample } from '../../../../src/run/sending/controller.ts';

/** What a plugin is like at a moment. */
export interface PluginModel {
  /** Requests that it works on at a time. */
  servers: number;
  /** Milliseconds that one takes, ±`noise`. */
  serviceMs: number;
  noise?: number;
  /** Milliseconds of the way to it and back. */
  networkMs?: number;
  /** Requests from which on they get in each other's way, and by how much: 1 doubles the time at twice the knee. */
  knee?: number;
  penalty?: number;
  /**
   * The rate rises with the requests under way to this power, while each takes the longer for it: 0.1 is seven percent for twice as
   * many. 1, unless given: each takes the same time.
   */
  slope?: number;
  /** Milliseconds between stalls, on average, and their length. */
  stallEveryMs?: number;
  stallMs?: [number, number];
  /** More than these at a time are answered 429. */
  refusesBeyond?: number;
}

export interface Course {
  plugin: PluginModel | ((at: number) => PluginModel);
  seconds: number;
  seed: number;
  /** The most rows that the supply can keep under way at a time. */
  supply?: number | ((at: number) => number);
}

export interface Run {
  /** Successes a second, from one second to another. */
  rate(from: number, to: number): number;
  /** The level at each tenth of a second. */
  levels: number[];
  settled: boolean[];
  overloads: number;
}

/** A level that is held, whatever comes. */
export const fixed = (level: number): Controller => ({ level, settled: true, answered: () => {} });

export function simulate(controlled: Controller, course: Course): Run {
  const random = generator(course.seed);
  const { plugin, supply = Infinity } = course;
  const modelAt = typeof plugin === 'function' ? plugin : () => plugin;
  const supplyAt = typeof supply === 'function' ? supply : () => supply;
  const end = course.seconds * 1000;
  const events = heap();
  const queue: Request[] = [];
  const perTenth = new Float64Array(course.seconds * 10 + 1);
  const levels: number[] = [];
  const settled: boolean[] = [];
  let now = 0;
  let slots = 0;
  let wire = 0;
  let working = 0;
  let overloads = 0;
  let stalledUntil = 0;
  let nextStall = stallAfter(0);
  let nextTenth = 0;

  function stallAfter(at: number): number {
    const { stallEveryMs } = modelAt(at);
    return stallEveryMs ? at - Math.log(1 - random()) * stallEveryMs : Infinity;
  }

  function fill(): void {
    const rows = supplyAt(now);
    while (slots < controlled.level && slots < rows) {
      slots++;
      send();
    }
  }

  function send(): void {
    wire++;
    const request: Request = { sentAt: now, inFlight: wire };
    const { networkMs = 0.1, refusesBeyond = Infinity } = modelAt(now);
    if (wire > refusesBeyond) events.push(now + networkMs + 0.5, () => answer(request, 'overload'));
    else events.push(now + networkMs / 2, () => arrive(request));
  }

  function arrive(request: Request): void {
    queue.push(request);
    serve();
  }

  function serve(): void {
    const model = modelAt(now);
    while (working < model.servers && queue.length > 0) {
      const request = queue.shift();
      if (!request) return;
      working++;
      const begin = Math.max(now, stalledUntil);
      events.push(begin + serviceTime(model), () => served(request));
    }
  }

  function serviceTime({ serviceMs, noise = 0.2, knee = Infinity, penalty = 0, slope = 1 }: PluginModel): number {
    const crowd = Math.max(0, wire - knee) / knee;
    return serviceMs * (1 + noise * (2 * random() - 1)) * (1 + penalty * crowd) * wire ** (1 - slope);
  }

  function served(request: Request): void {
    if (now < stalledUntil) {
      events.push(stalledUntil + random() * 0.1, () => served(request));
      return;
    }
    working--;
    const { networkMs = 0.1 } = modelAt(now);
    events.push(now + networkMs / 2, () => answer(request, 'success'));
    serve();
  }

  function answer({ sentAt, inFlight }: Request, outcome: Sample['outcome']): void {
    wire--;
    if (outcome === 'success') perTenth[Math.floor(now / 100)] = (perTenth[Math.floor(now / 100)] ?? 0) + 1;
    else overloads++;
    controlled.answered({ at: now, ms: now - sentAt, outcome, inFlight });
    const free = () => {
      slots--;
      fill();
    };
    // A refused row keeps its slot while it waits for its next attempt.
    if (outcome === 'success') free();
    else events.push(now + 64 + 128 * random(), free);
    fill();
  }

  fill();
  for (;;) {
    const event = events.pop();
    if (!event || event.at > end) break;
    while (nextTenth <= event.at) {
      levels.push(controlled.level);
      settled.push(controlled.settled);
      nextTenth += 100;
    }
    now = event.at;
    if (now >= nextStall) {
      const [least, most] = modelAt(now).stallMs ?? [100, 200];
      stalledUntil = now + least + (most - least) * random();
      nextStall = stallAfter(stalledUntil);
    }
    event.happen();
  }

  return {
    levels,
    settled,
    overloads,
    rate: (from, to) => perTenth.slice(from * 10, to * 10).reduce((sum, each) => sum + each, 0) / (to - from),
  };
}

interface Request {
  sentAt: number;
  inFlight: number;
}

interface Event {
  at: number;
  happen(): void;
}

/** Mulberry32: numbers from 0 to below 1. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function heap() {
  const items: Event[] = [];
  const at = (index: number): number => items[index]?.at ?? Infinity;
  function swap(a: number, b: number): void {
    const [one, other] = [items[a], items[b]];
    if (one && other) [items[a], items[b]] = [other, one];
  }
  return {
    push(when: number, happen: () => void): void {
      let index = items.push({ at: when, happen }) - 1;
      while (index > 0 && at(index) < at((index - 1) >> 1)) {
        swap(index, (index - 1) >> 1);
        index = (index - 1) >> 1;
      }
    },
    pop(): Event | undefined {
      const first = items[0];
      const last = items.pop();
      if (items.length > 0 && last) items[0] = last;
      for (let index = 0; ; ) {
        const left = 2 * index + 1;
        const least = at(left + 1) < at(left) ? left + 1 : left;
        if (at(least) >= at(index)) return first;
        swap(index, least);
        index = least;
      }
    },
  };
}

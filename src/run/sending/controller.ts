/**
 * Finds the number of requests under way at which a plugin is at its best, and follows it.
 *
 * It climbs hills, as the controller of .NET's thread pool does (Hellerstein, Morrison, Eilebrecht, "Optimizing Concurrency Levels
 * in the .NET ThreadPool: A Case Study of Controller Design and Implementation", 2009): set a level, measure the throughput
 * that comes of it, try another, keep what was better, and tell a difference from noise by statistics before believing it. What
 * is climbed is not throughput alone, but throughput to the 24th power over delay (Kleinrock's power, 1979): twice the level must bring
 * three percent, since latency is the plugin's suffering and has a price. On a curve that goes flat this is the lower end
 * of the flat part.
 *
 * A level's rate is that of a window (window.ts). Levels are compared by pairs: a window at the other level against the mean of the
 * two around it at this one. Gains are added up until they are clear of the noise, which is learnt on the way (evidence.ts).
 *
 *   searching  another level is tried after each comparison, with steps that double while they help, and then halve (bracket.ts). A
 *              gain that is very clear is taken without going back first: so the first seconds are a slow start. Where noise hides what a step
 *              does, what it seems to do decides, once it is worth the while: by bad luck that ends higher than it need, which
 *              costs latency, where too low would cost the rate. Where it seems to do nothing, a leap of two is tried, and
 *              believed more slowly. Ends where the neighbours on both sides are known to be worse.
 *              The first search is not taken at its word: both ends may still have been warming up, and a bad moment ends a side for good.
 *              A second one follows, from where it ended, with more pairs a comparison, and longer windows where the noise is
 *              large; unless an overload or a short supply cut it off. Where a level's rate becomes quite another during a
 *              search after the first, that begins anew, once
 *   settled    the level is held. Every eight windows one a quarter of an octave up or down is tried, in turns, and what pairs say
 *              is remembered; it is moved to only where at least three of them are sure of it. Then a search goes on
 *              from there, so that a best which has moved far is followed in growing steps. A shift of the rate itself
 *              (watch.ts) begins a search at once
 *
 * What an observation does, in either state:
 *
 *   overload   the level is halved, and not again before a request that was sent after that is answered: as TCP does it once a window.
 *              A search begins at the half; for some time it stays below where it happened (ceiling.ts)
 *   limited    a window in which the supply of rows and not the level was the limit says nothing: a level that is being tried is
 *              given up, and none is moved to. What a level is worth that is not used cannot be known
 *
 * Nothing here reads a clock or draws a number: the same samples lead to the same levels. A run that crashes takes what it knew with
 * it; the next one begins at the start again, and is near it within seconds.
 */
import { type Bracket, bracket, stepFrom } from './bracket.ts';
import { ceiling } from './ceiling.ts';
import { type Evidence, evidence, noise } from './evidence.ts';
import type { Sample } from './sample.ts';
import { type Watch, watch } from './watch.ts';
import { meter } from './window.ts';

export type { Sample };

export interface Controller {
  /** Requests that should be under way now. */
  readonly level: number;
  /** Takes in a sample; they come in the order of their `at`. */
  answered(sample: Sample): void;
  /** The search is over, and a level is being held. */
  readonly settled: boolean;
}

export interface ControllerOptions {
  /** The first level; 4 unless given. */
  start?: number;
  /** The lowest, 1 or more; 1 unless given. */
  least?: number;
  /** The highest; 128 unless given. */
  most?: number;
}

/** What a level costs: the gain that makes up for it, as a part of the logarithm by which it is higher. */
const PRICE = 0.04;

/** Octaves: the first step of a search from nowhere, of one after an overload, and of one from a level that was good. */
const OCTAVE = 1;
const HALF = 1 / 2;
const ASIDE = 1 / 4;

/** In standard errors of the mean gain: clear enough for a search, clear at the first look, and sure enough to leave a level. */
const CLEAR = 2;
const VERY_CLEAR = 4;
const SURE = 3;

/** A gain that is worth leaving a level that was settled on. */
const WORTHWHILE = 0.02;

/** What a search wants of a higher level, and allows a lower one to cost, where noise hides which of two is better. */
const WANTED = 0.04;

/** In spreads: a gain that shows what was known of a neighbour to be true no more. */
const SURPRISE = 4;

/** The spread that windows are lengthened for: that of a mean falls with the root of the time. */
const QUIET = 0.08;

/** The logarithm of the rate, and spreads, by which a level's next window shows that the plugin has become another while it was searched. */
const ANOTHER = 0.5;
const ANOTHER_SPREADS = 4;

/** Pairs that a first search gives one comparison; that any other does; of a look aside at a time; needed for leaving; remembered. */
const FIRST_PAIRS = 4;
const SEARCH_PAIRS = 6;
const ASIDE_PAIRS = 6;
const LEAVING_PAIRS = 3;
const REMEMBERED = 16;

/** Windows between two looks aside. */
const REST = 8;

/** Windows that may be limited by the supply before a level that is tried is given up. */
const LIMITED_WINDOWS = 2;

interface Searching {
  state: 'searching';
  /** A first one is followed by a second; that begins anew, once, where the plugin becomes another; the last is taken at its word. */
  turn: 'first' | 'second' | 'last';
  bracket: Bracket;
  /** Of the level that is being tried. */
  gains: Evidence;
}

interface Settled {
  state: 'settled';
  watch: Watch;
  /** What is known of the neighbours. */
  above: Evidence;
  below: Evidence;
  looksUp: boolean;
  rested: number;
  /** Pairs of the look that is under way. */
  looked: number;
}

export function controller({ start = 4, least = 1, most = 128 }: ControllerOptions = {}): Controller {
  const limits = { least, most };
  const windows = meter();
  const rates = noise();
  const top = ceiling();
  let now = 0;
  let level = Math.max(least, Math.min(most, start));
  /** The level that is held, or from which the search goes on. */
  let base = level;
  let phase: Searching | Settled = searching(bracket(base, OCTAVE, limits), 'first');
  /** The other level of the comparison under way, and what its window said; the last window at the base. Rates are logarithms. */
  let trial: number | null = null;
  let trialRate: number | null = null;
  let baseRate: number | null = null;
  let limitedWindows = 0;
  let halvedAt = Number.NEGATIVE_INFINITY;

  function read(rate: number): void {
    limitedWindows = 0;
    if (trial !== null && level === trial) readTrial(trial, rate);
    else readBase(rate);
  }

  function readTrial(tried: number, rate: number): void {
    trialRate = rate;
    const first = phase.state === 'searching' && phase.gains.pairs === 0 && baseRate !== null ? baseRate : null;
    const isVeryClear = first !== null && gain(tried, rate, first) > VERY_CLEAR * rates.spread;
    if (isVeryClear && phase.state === 'searching') moveTo(phase, tried, rate);
    else go(base);
  }

  function readBase(rate: number): void {
    const last = baseRate;
    baseRate = rate;
    if (last !== null) rates.observe(last, rate);
    if (phase.state === 'settled' && phase.watch.shifted(rate, rates.spread)) beginAnew(HALF, 'second');
    else if (phase.state === 'searching' && last !== null && isAnother(phase, last, rate)) beginAnew(OCTAVE, 'last');
    else if (trial !== null && trialRate !== null && last !== null) {
      const compared = gain(trial, trialRate, (last + rate) / 2);
      if (phase.state === 'searching') judge(phase, trial, trialRate, compared);
      else weigh(phase, trial, trialRate, compared);
    } else if (phase.state === 'searching') tryNext(phase);
    else hold(phase);
  }

  /** The plugin is not what it was when this level was seen before, and what was compared meanwhile says nothing. */
  function isAnother({ turn }: Searching, last: number, rate: number): boolean {
    return turn === 'second' && Math.abs(rate - last) > Math.max(ANOTHER, ANOTHER_SPREADS * rates.spread);
  }

  function beginAnew(step: number, turn: Searching['turn']): void {
    // What was seen may have been a moment's: nothing is compared with it.
    baseRate = null;
    tryNext(search(bracket(base, step, limits), turn));
  }

  /** What the other level is worth more than the base. */
  function gain(tried: number, rate: number, here: number): number {
    return rate - here - PRICE * Math.log(tried / base);
  }

  function isLeap(tried: number): boolean {
    return tried > base * 2 ** OCTAVE;
  }

  // --- Searching ------------------------------------------------------------------------------------------------------

  function search(from: Bracket, turn: Searching['turn'] = 'second'): Searching {
    const begun = searching(from, turn);
    phase = begun;
    trial = null;
    trialRate = null;
    base = from.base;
    return begun;
  }

  function judge(searched: Searching, tried: number, rate: number, compared: number): void {
    const { gains, turn } = searched;
    gains.add(compared, rates.spread);
    const errors = gains.errors(rates.spread);
    const isUndecided = Math.abs(errors) <= CLEAR;
    const isTooSoon = isUndecided || (isLeap(tried) && errors > 0);
    const isBetter = isUndecided ? gains.mean > (tried > base ? WANTED : -WANTED) : errors > 0;
    if (isTooSoon && gains.pairs < (turn === 'first' ? FIRST_PAIRS : SEARCH_PAIRS)) tryAgain(tried);
    else if (isBetter) moveTo(searched, tried, rate);
    else {
      if (isUndecided) searched.bracket.alike(tried);
      else searched.bracket.worse(tried);
      tryNext(searched);
    }
  }

  function moveTo(searched: Searching, tried: number, rate: number): void {
    searched.bracket.better(tried);
    base = tried;
    baseRate = rate;
    tryNext(searched);
  }

  function tryNext(searched: Searching): void {
    searched.gains.clear();
    trialRate = null;
    trial = searched.bracket.next(top.at(now));
    if (trial === null) end(searched);
    else go(trial);
  }

  function end({ turn }: Searching): void {
    windows.lengthen((rates.spread / QUIET) ** 2);
    if (turn === 'first') tryNext(search(bracket(base, OCTAVE, limits)));
    else settle();
  }

  function tryAgain(tried: number): void {
    trialRate = null;
    go(tried);
  }

  // --- Settled --------------------------------------------------------------------------------------------------------

  function settle(rested = REST): void {
    const [above, below] = [evidence(REMEMBERED), evidence(REMEMBERED)];
    phase = { state: 'settled', watch: watch(baseRate), above, below, looksUp: true, rested, looked: 0 };
    trial = null;
    trialRate = null;
    go(base);
  }

  function hold(held: Settled): void {
    held.rested++;
    if (held.rested > REST) lookAside(held);
  }

  /** Up and down in turns; the other way where one is barred. */
  function lookAside(held: Settled): void {
    held.rested = 0;
    held.looked = 0;
    const aside = neighbour(held.looksUp);
    if (aside === null) held.looksUp = !held.looksUp;
    trial = aside ?? neighbour(held.looksUp);
    if (trial !== null) go(trial);
  }

  function neighbour(up: boolean): number | null {
    const aside = stepFrom(base, base * 2 ** (up ? ASIDE : -ASIDE), up, limits);
    const bound = top.at(now);
    return aside === base || (bound !== null && aside >= bound) ? null : aside;
  }

  function weigh(held: Settled, tried: number, rate: number, compared: number): void {
    const known = held.looksUp ? held.above : held.below;
    if (known.mean < 0 && compared - known.mean > SURPRISE * rates.spread) known.clear();
    known.add(compared, rates.spread);
    held.looked++;
    const errors = known.errors(rates.spread);
    const isFirm = known.pairs >= LEAVING_PAIRS;
    if (isFirm && errors > SURE && known.mean > WORTHWHILE) {
      moveTo(search(bracket(base, ASIDE / 2, limits)), tried, rate);
    } else if (held.looked < ASIDE_PAIRS && (!isFirm || errors > SURE / 2)) {
      tryAgain(tried);
    } else {
      trial = null;
      trialRate = null;
      held.looksUp = !held.looksUp;
    }
  }

  // --- What comes between ---------------------------------------------------------------------------------------------

  function supplyWasShort(): void {
    if (level === base) baseRate = null;
    else if (++limitedWindows >= LIMITED_WINDOWS) settle(0);
  }

  function overloaded({ at, ms }: Sample): void {
    if (at - ms < halvedAt) return;
    halvedAt = at;
    if (level > least) top.hit(level, at);
    const half = Math.max(least, Math.floor(level / 2));
    search(bracket(half, HALF, limits, half));
    baseRate = null;
    level = half;
    windows.begin(at);
  }

  function go(to: number): void {
    if (to === level) return;
    level = to;
    windows.begin(now);
  }

  return {
    get level() {
      return level;
    },
    get settled() {
      return phase.state === 'settled';
    },
    answered(sample) {
      now = sample.at;
      if (sample.outcome === 'overload') overloaded(sample);
      const reading = windows.add(sample, level);
      if (reading === 'limited') supplyWasShort();
      else if (reading !== null) read(Math.log(reading.rate));
    },
  };
}

function searching(from: Bracket, turn: Searching['turn']): Searching {
  return { state: 'searching', turn, bracket: from, gains: evidence(SEARCH_PAIRS) };
}

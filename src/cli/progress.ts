/**
 * How far a run has come, on standard error: one line that is written over on a terminal, a plain line every ten seconds
 * elsewhere, nothing under --quiet. While a plugin in trouble is waited for, the line says so and since when.
 */
import { count, duration, type Style } from '../report/format.ts';
import type { Observer } from '../run/context.ts';

/** Milliseconds between two lines. */
const PERIOD = { terminal: 100, plain: 10_000 };

/** Forget the rate of what is longer ago than this, in milliseconds, so that the time left follows the plugin's mood. */
const MEMORY = 10_000;

export interface Progress extends Observer {
  /** Takes the running line away, before something else is printed. */
  clear(): void;
  notices: string[];
}

export function progressOn(stream: NodeJS.WriteStream, quiet: boolean, style: Style): Progress {
  const notices: string[] = [];
  const period = stream.isTTY ? PERIOD.terminal : PERIOD.plain;
  const started = performance.now();
  const rate = recentRate(started);
  let shown = started;
  let drawn = false;
  let waiting: NodeJS.Timeout | null = null;

  function clear(): void {
    if (drawn) stream.write('\r\x1b[2K');
    drawn = false;
  }

  function show(line: string): void {
    if (!stream.isTTY) {
      stream.write(`${line}\n`);
      return;
    }
    stream.write(`\r\x1b[2K${line.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
    drawn = true;
  }

  return {
    notices,
    clear,
    waiting(trouble) {
      if (waiting) clearInterval(waiting);
      waiting = null;
      if (quiet || trouble === null) return;
      const since = performance.now();
      const say = () => show(`waiting for ${duration(performance.now() - since)}: ${trouble}`);
      show(`waiting: ${trouble}`);
      waiting = setInterval(say, stream.isTTY ? 1_000 : PERIOD.plain).unref();
    },
    notice(sentence) {
      notices.push(sentence);
      if (quiet) return;
      clear();
      stream.write(`${style.warn('note')}  ${sentence}\n`);
    },
    progress(done, total, unit) {
      const now = performance.now();
      rate.at(now, done);
      if (quiet || now - shown < period) return;
      shown = now;
      if (!waiting) show(progressLine(done, total, unit, rate.perSecond(), now - started));
    },
  };
}

/** Pure: "12,000 of 50,000 rows (24 %), 1,850 rows/s, 21 s left". */
export function progressLine(
  done: number,
  total: number | null,
  unit: string,
  perSecond: number,
  elapsed: number,
): string {
  const rounded = perSecond < 10 ? perSecond.toFixed(1) : count(Math.round(perSecond));
  const speed = perSecond > 0 ? `, ${rounded} ${unit}/s` : '';
  if (!total) return `${count(done)} ${unit}${speed}, ${duration(elapsed)}`;
  const share = Math.min(100, Math.floor((done / total) * 100));
  const left = perSecond > 0 ? `, ${duration((Math.max(0, total - done) / perSecond) * 1000)} left` : '';
  return `${count(done)} of ${count(total)} ${unit} (${share} %)${speed}${left}`;
}

/** Things done per second over the last moments; times in milliseconds. */
function recentRate(started: number) {
  let marks = [{ at: started, done: 0 }];
  return {
    at(now: number, done: number): void {
      const last = marks.at(-1);
      if (last && now - last.at < MEMORY / 20) return;
      marks = [...marks.filter(({ at }) => now - at < MEMORY), { at: now, done }];
    },
    perSecond(): number {
      const [first, last] = [marks[0], marks.at(-1)];
      return first && last && last.at > first.at ? ((last.done - first.done) * 1000) / (last.at - first.at) : 0;
    },
  };
}

/** What was measured, for the terminal. Pure. */
import type { Bound, Outcome, Row } from './scenario.ts';

const WORDS: Record<Outcome, string> = { pass: 'pass', fail: 'FAIL', told: '', unmeasured: 'NOT MEASURED' };

const COLUMNS = ['', 'median', 'min', 'max', 'bound', ''] as const;

/** A line for each row, and beneath it what its ratios were made of. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => cellsOf(row));
  const widths = COLUMNS.map((head, column) =>
    Math.max(head.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const line = (texts: readonly string[]) =>
    texts
      .map((text, column) =>
        column === 0 || column > 3 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const body = rows.flatMap((row, index) => [line(cells[index] ?? []), `    ${row.claim}`, ...underneath(row)]);
  return [line(COLUMNS), ...body].join('\n');
}

function cellsOf({ name, ratio, bound, outcome }: Row): string[] {
  const [median, min, max] = ratio ? [ratio.median, ratio.min, ratio.max].map(figure) : ['', '', ''];
  return [name, median ?? '', min ?? '', max ?? '', boundText(bound), WORDS[outcome]];
}

function underneath({ why, figures }: Row): string[] {
  if (why !== null) return [`    ${why.split('\n')[0]}`];
  const told = Object.entries(figures).map(([what, values]) => `${what} ${values.map(figure).join(' ')}`);
  return [`    ${told.join(' · ')}`];
}

function boundText(bound: Bound | null): string {
  if (bound === null) return '';
  return 'least' in bound ? `at least ${figure(bound.least)}` : `at most ${figure(bound.most)}`;
}

/** Three digits that tell something, or all before the point. */
export function figure(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

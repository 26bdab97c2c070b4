/** How numbers, durations and tables look in a report for people. Pure; colours come in from outside. */

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

export interface TextOptions {
  style: Style;
  /** Excerpts of memories beside their findings. */
  content: boolean;
}

export const plain: Style = {
  bold: (text) => text,
  dim: (text) => text,
  good: (text) => text,
  bad: (text) => text,
  warn: (text) => text,
};

/** 12345 → 12,345 */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** "1 row", "2,000 rows" */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** Decimal units: 1234 → 1.2 kB */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  let size = value / 1000;
  let unit = 'kB';
  for (const larger of ['MB', 'GB', 'TB']) {
    if (size < 999.95) break;
    size /= 1000;
    unit = larger;
  }
  return `${size.toFixed(1)} ${unit}`;
}

/** Milliseconds → 850 ms, 12.3 s, 4 min 05 s, 2 h 07 min */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  return minutes < 60
    ? `${minutes} min ${two(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** A share as an upper bound, rounded up to two digits that count: 0.057 → 5.7 %, 0.000341 → 0.035 % */
export function percentAtMost(share: number): string {
  const percent = share * 100;
  if (percent <= 0) return '0 %';
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(percent)));
  const unit = 10 ** -decimals;
  // What is off by less is the arithmetic's doing.
  return `${Number((Math.ceil(percent / unit - 1e-6) * unit).toFixed(decimals))} %`;
}

/** Everything that moves the cursor, breaks the line, or turns the direction of writing; joiners inside emoji stay. */
const UNPRINTABLE =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]+/gu;

/** Whatever somebody else wrote, on one line and with nothing in it that orders a terminal or a browser about. */
export function oneLine(text: string): string {
  return text.replace(UNPRINTABLE, ' ').trim();
}

/** As a POSIX shell takes it for one word. */
export function shellWord(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

type Cell = string | number;

/**
 * Columns under a heading, two spaces in. Numbers stand to the right, with separators of thousands; the last column is not
 * padded, so that long text may run on.
 */
export function table(heading: readonly string[], rows: ReadonlyArray<readonly Cell[]>, style: Style): string {
  const text = (cell: Cell) => (typeof cell === 'number' ? count(cell) : cell);
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => text(row[column] ?? '').length)),
  );
  const isNumeric = heading.map((_title, column) => rows.some((row) => typeof row[column] === 'number'));
  const line = (cells: readonly Cell[]) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        if (isNumeric[column]) return text(cell).padStart(width);
        return column === heading.length - 1 ? text(cell) : text(cell).padEnd(width);
      })
      .join('   ')
      .trimEnd();
  return [style.dim(line(heading)), ...rows.map(line)].map((row) => `  ${row}`).join('\n');
}

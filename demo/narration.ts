/**
 * How the demo speaks: chapters, commands and paragraphs on standard output, each with an empty line after it. Colours on a
 * terminal, never with NO_COLOR.
 */
import { styleText } from 'node:util';

/** Characters in a line, at the most: a terminal of 100 columns shows them with room to spare. */
const WIDTH = 96;

let chapters = 0;

export function chapter(title: string): void {
  chapters += 1;
  const heading = `── ${chapters}. ${title} `;
  print(`${painted('bold', heading.padEnd(WIDTH, '─'))}\n`);
}

/** A paragraph, broken between words. */
export function say(text: string): void {
  let line = '';
  for (const word of text.split(' ')) {
    if (line.length + word.length >= WIDTH) {
      print(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  print(`${line}\n`);
}

/** What to notice, after the checks: the last word of a chapter. */
export function remark(text: string): void {
  print('');
  say(text);
}

/** Command lines as one would type them; here no empty line follows, but the output. */
export function type(...lines: string[]): void {
  for (const line of lines) print(painted('cyan', `$ ${line}`));
}

/** Rows of cells in columns, two spaces in. A number stands to the right; the last column is as wide as it likes. */
export function list(rows: ReadonlyArray<ReadonlyArray<string | number>>): void {
  const text = (cell: string | number | undefined) => (typeof cell === 'number' ? counted(cell) : (cell ?? ''));
  const width = (column: number) => Math.max(...rows.map((row) => text(row[column]).length));
  for (const row of rows) {
    const cells = row.map((cell, column) => {
      if (column === row.length - 1) return text(cell);
      return typeof cell === 'number' ? text(cell).padStart(width(column)) : text(cell).padEnd(width(column));
    });
    print(`  ${cells.join('  ')}`);
  }
  print('');
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** 12345 → 12,345 */
export function counted(value: number): string {
  return value.toLocaleString('en-US');
}

/** Looks by itself whether standard output is a terminal that is to have colours. */
export function painted(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text);
}

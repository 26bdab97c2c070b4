/** Colours, where they are welcome: on a terminal, and never with NO_COLOR. */
import { styleText } from 'node:util';
import { plain, type Style } from '../report/format.ts';

export function terminalStyle(
  stream: NodeJS.WriteStream,
  environment: Readonly<Record<string, string | undefined>>,
): Style {
  if (!stream.isTTY || environment.NO_COLOR) return plain;
  const paint = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    styleText(format, text, { validateStream: false });
  return { bold: paint('bold'), dim: paint('dim'), good: paint('green'), bad: paint('red'), warn: paint('yellow') };
}

/** Short pieces of content that are safe to print: what an operator needs to recognise a memory, and no more. */

/** Characters, escapes and dots included. */
const LONGEST = 80;

/** Characters shown before the place that the excerpt is about. */
const LEAD = 20;

/** Everything that moves the cursor, breaks the line, or turns the direction of writing; joiners inside emoji stay. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF]/gu;

/** Made for the first excerpt, and not at each start: Intl then looks through all its locales. */
let graphemes: Intl.Segmenter | undefined;

/**
 * @param at index of a character that the excerpt is to show
 * @returns at most 80 characters on one line, cut between graphemes, with control characters escaped
 */
export function excerptAround(content: string, at: number): string {
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  const segments = graphemes.segment(content);
  let place = segments.containing(Math.max(0, at - LEAD))?.index ?? 0;
  let text = place > 0 ? '…' : '';
  while (place < content.length) {
    const segment = segments.containing(place)?.segment ?? '';
    const isLast = place + segment.length >= content.length;
    const part = escaped(segment);
    if (length(text) + length(part) > LONGEST - (isLast ? 0 : 1)) return `${text}…`;
    text += part;
    place += segment.length;
  }
  return text;
}

function escaped(grapheme: string): string {
  return grapheme.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u{${code.toString(16)}}`;
  });
}

/** Code points, which is what a reader would count as characters. */
function length(text: string): number {
  return [...text].length;
}

/** Elements as XML 1.0 text, whatever their values hold. */

export interface Xml {
  name: string;
  attributes?: Readonly<Record<string, string | number>>;
  /** An element has text or children; where it has both, the text comes first. */
  text?: string;
  children?: readonly Xml[];
}

/** A document, indented by two spaces. */
export function xmlText(root: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, '')}\n`;
}

function element({ name, attributes = {}, text = '', children = [] }: Xml, indent: string): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(String(value))}"`);
  const start = `${indent}<${name}${given.join('')}`;
  if (text === '' && children.length === 0) return `${start}/>`;
  const inner = children.map((child) => `\n${element(child, `${indent}  `)}`).join('');
  return `${start}>${escaped(text)}${inner}${children.length > 0 ? `\n${indent}` : ''}</${name}>`;
}

/** Parsers turn a line break in an attribute into a space, unless it is written as a number. */
function attribute(value: string): string {
  return escaped(value).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}

/** What XML 1.0 cannot hold in any notation (section 2.2, Char), and the carriage return, which parsers read as a line feed. */
const UNHOLDABLE = /[^\t\n\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);

function escaped(text: string): string {
  return text.replace(UNHOLDABLE, '\u{FFFD}').replace(/[&<>]/g, (character) => ENTITIES.get(character) ?? character);
}

/** The golden examples of the contract's bodies: one JSON file each, named `<Schema>.<what it shows>.json`. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Schemas } from '../../src/contract/bodies.ts';
import { schemas } from '../../src/contract/schemas.gen.ts';

const folder = new URL('../../api-protocol/examples/', import.meta.url);

/** The files' names without `.json`, in alphabetical order. */
export const exampleNames: readonly string[] = readdirSync(folder)
  .map((file) => file.replace(/\.json$/, ''))
  .sort();

/** @returns the example as it would come off the wire */
export function readExample(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
}

/** @returns the names of the examples of one schema */
export function examplesOf(schema: keyof Schemas): readonly string[] {
  return exampleNames.filter((name) => name.startsWith(`${schema}.`));
}

/** @returns the schema that an example is one of, by its name; undefined where the contract has none of that name */
export function schemaOf(name: string): keyof Schemas | undefined {
  const prefix = name.slice(0, Math.max(0, name.indexOf('.')));
  return isSchemaName(prefix) ? prefix : undefined;
}

function isSchemaName(name: string): name is keyof Schemas {
  return Object.hasOwn(schemas, name);
}

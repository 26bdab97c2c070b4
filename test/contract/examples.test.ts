/** The golden examples are the contract's, and show all of it. The client and the plugins are tested against them. */
import { describe, expect, test } from 'vitest';
import { bodyCheck } from '../../src/contract/bodies.ts';
import { schemas } from '../../src/contract/schemas.gen.ts';
import { at, keysOf, readContract } from '../unit/contract/contract.ts';
import { exampleNames, readExample, schemaOf } from './examples.ts';

const contract = await readContract();

test.each(exampleNames)('the example %s is what its schema says', (name) => {
  const schema = schemaOf(name);
  if (!schema) throw new Error(`The contract has no schema of that name.`);
  const check = bodyCheck(schema);
  expect(check(readExample(name)) || check.reason()).toBe(true);
});

test('every body of every operation has an example', () => {
  const bodies = bodiesIn(contract);
  expect(bodies).toContain('SearchRequest');
  expect(bodies).toContain('Error');
  expect(new Set(exampleNames.map((name) => schemaOf(name)))).toEqual(new Set(bodies));
});

describe('among the examples is', () => {
  test.each(schemas.Error.properties.code.enum)('an Error with the code %s', (code) => {
    expect(
      exampleNames.filter((name) => name.startsWith('Error.')).map((name) => at(readExample(name), 'code')),
    ).toContain(code);
  });

  test('an answer without memories in both of its forms', () => {
    expect(readExample('SearchResponse.empty')).toEqual({ memories: [] });
    expect(readExample('SearchResponse.null')).toEqual({ memories: null });
  });

  test.each(['MemoryWrite', 'SearchRequest', 'NamespaceUpsert', 'Namespace'] as const)('a full %s', (schema) => {
    expect(keysOf(readExample(`${schema}.full`)).sort()).toEqual(keysOf(schemas[schema].properties).sort());
  });
});

/** The names of all schemas that a request's or a response's body refers to, through `components.responses` or directly. */
function bodiesIn(document: unknown): string[] {
  const operations = keysOf(at(document, 'paths')).flatMap((path) =>
    keysOf(at(document, 'paths', path)).map((method) => at(document, 'paths', path, method)),
  );
  const messages = operations.flatMap((operation) => [
    at(operation, 'requestBody'),
    ...keysOf(at(operation, 'responses')).map((status) => at(operation, 'responses', status)),
  ]);
  const names = messages.map((message) => {
    const response = at(message, '$ref');
    const resolved = response ? at(document, 'components', 'responses', lastPart(response)) : message;
    return lastPart(at(resolved, 'content', 'application/json', 'schema', '$ref'));
  });
  return [...new Set(names.filter((name) => name !== ''))];
}

const lastPart = (reference: unknown) =>
  typeof reference === 'string' ? reference.slice(reference.lastIndexOf('/') + 1) : '';

/** The contract is valid OpenAPI, and it has the operations and answers of version 1, no more and no fewer. */
import { createConfig, lint } from '@redocly/openapi-core';
import { expect, test } from 'vitest';
import { at, CONTRACT_FILE, keysOf, readContract } from './contract.ts';

const document = await readContract();

/** Path, method, name, then every status that is documented. The paths are listed in the order of the file. */
const OPERATIONS = [
  ['/v1/health', 'get', 'getHealth', '200', '503'],
  ['/v1/namespaces/{name}', 'put', 'upsertNamespace', '200', '400'],
  ['/v1/namespaces/{name}', 'patch', 'patchNamespace', '200', '404'],
  ['/v1/namespaces/{name}', 'delete', 'deleteNamespace', '204', '404'],
  ['/v1/namespaces/{name}/memories', 'post', 'commitMemory', '201', '400', '404'],
  ['/v1/search', 'post', 'searchMemories', '200', '400'],
  ['/v1/memories/{id}', 'delete', 'forgetMemory', '204', '403', '404'],
];

test('the contract lints without an error, and with the few warnings that are meant', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lint({ ref: CONTRACT_FILE, config });
  expect(problems.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([]);
  const warnings = problems.map(({ ruleId, location }) => `${ruleId} ${location[0]?.pointer}`);
  expect(warnings.sort()).toEqual([
    // Health has no request that could be wrong.
    'operation-4xx-response #/paths/~1v1~1health/get/responses',
    // The three tags say what they are.
    'tag-description #/tags/0/description',
    'tag-description #/tags/1/description',
    'tag-description #/tags/2/description',
  ]);
});

test('it is version 1.0.0 of an OpenAPI 3.0 document', () => {
  expect(at(document, 'info', 'version')).toBe('1.0.0');
  expect(at(document, 'openapi')).toMatch(/^3\.0\./);
});

test('its operations and their documented answers are those of version 1', () => {
  const written = keysOf(at(document, 'paths')).flatMap((path) =>
    keysOf(at(document, 'paths', path))
      .filter((method) => method !== 'parameters')
      .map((method) => {
        const operation = at(document, 'paths', path, method);
        return [path, method, at(operation, 'operationId'), ...keysOf(at(operation, 'responses'))];
      }),
  );
  expect(written).toEqual(OPERATIONS);
});

test('every failure that it documents has an Error as its body', () => {
  const responses = keysOf(at(document, 'components', 'responses'));
  expect(responses.sort()).toEqual(['BadRequest', 'Forbidden', 'NotFound', 'Unavailable']);
  for (const name of responses) {
    const body = at(document, 'components', 'responses', name, 'content', 'application/json', 'schema', '$ref');
    expect(body).toBe('#/components/schemas/Error');
  }
});

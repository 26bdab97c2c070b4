/** The numbers and patterns in `src/contract/limits.ts` are the contract's. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  KNOWN_CAPABILITIES,
  NAMESPACE_NAME,
  NAMESPACE_NAME_MAX,
  SEARCH_LIMIT_MAX,
} from '../../../src/contract/limits.ts';
import { at, readContract } from './contract.ts';

const document = await readContract();
const nameSchema = at(document, 'components', 'parameters', 'NamespaceName', 'schema');

test('the largest search is the one that the contract allows', () => {
  const limit = at(document, 'components', 'schemas', 'SearchRequest', 'properties', 'limit');
  expect(at(limit, 'maximum')).toBe(SEARCH_LIMIT_MAX);
});

test('the longest name of a namespace is the one that the contract allows', () => {
  expect(at(nameSchema, 'maxLength')).toBe(NAMESPACE_NAME_MAX);
});

test('the pattern of names accepts exactly what the pattern in the contract accepts', () => {
  const pattern = new RegExp(String(at(nameSchema, 'pattern')));
  const differs = (name: string) => NAMESPACE_NAME.test(name) !== pattern.test(name);

  expect(pattern.test('workspace:2f1c0a-b_c:D.9')).toBe(true);
  const characters = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code));
  const names = characters.flatMap((each) => [`${each}:x`, `a:${each}`, `a${each}x`, `a:x${each}`]);
  expect(names.filter(differs)).toEqual([]);
  fc.assert(fc.property(fc.stringMatching(/^[a-zA-Z:_.\-0-9 é\n]{0,12}$/), (name) => !differs(name)));
});

test('the known capabilities are those that the contract names', () => {
  const text = String(
    at(document, 'components', 'schemas', 'HealthResponse', 'properties', 'capabilities', 'description'),
  );
  const named = [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  expect(named).toEqual([...KNOWN_CAPABILITIES]);
});

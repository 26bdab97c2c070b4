/** The one-way flow through the folders of `src`: that the check of it sees every kind of breach, and that there is none. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { breaches } from './import-rules.ts';

const SRC = fileURLToPath(new URL('../../../src/', import.meta.url));

function sourcesOnDisk(): Map<string, string> {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return new Map(
    files.sort().map((file) => [file.split(path.sep).join('/'), readFileSync(path.join(SRC, file), 'utf8')]),
  );
}

const breachesOf = (files: Record<string, string>) => breaches(new Map(Object.entries(files)));

test('the sources keep to the table of imports', () => {
  const sources = sourcesOnDisk();
  expect(sources.size).toBeGreaterThan(10);
  expect(breaches(sources)).toEqual([]);
});

describe('an import is refused', () => {
  test.each([
    [
      'of a folder that the table does not allow',
      'client/a.ts',
      `import { x } from '../source/x.ts';`,
      'imports from source',
    ],
    [
      'by a server of the code that is to test it',
      'reference-plugin/a.ts',
      `import '../client/x.ts';`,
      'imports from client',
    ],
    ['of an edge by the pure middle', 'plan/a.ts', `export * from '../source/x.ts';`, 'imports from source'],
    [
      'at run time, of a folder that is open for types',
      'run/a.ts',
      `import { x } from '../client/x.ts';`,
      'more than types',
    ],
    [
      'which is for types, but leaves a side effect',
      'run/a.ts',
      `import { type X } from '../client/x.ts';`,
      'more than types',
    ],
    ['that is made while running', 'model/a.ts', `await import('../cli/x.ts');`, 'imports from cli'],
    ['that stands in a type', 'model/a.ts', `type X = import('../run/x.ts').X;`, 'imports from run'],
    ['of a package of another folder', 'client/a.ts', `import postgres from 'postgres';`, 'the package postgres'],
    ['of a package inside a scope', 'cli/a.ts', `import '@scope/thing/deep';`, 'the package @scope/thing'],
    [
      'of I/O by the pure middle',
      'verify/a.ts',
      `import { readFile } from 'node:fs/promises';`,
      'imports node:fs/promises',
    ],
    ['of node:process by other folders', 'source/a.ts', `import { env } from 'node:process';`, 'imports node:process'],
    ['by a folder that is not in the table', 'misc/a.ts', `import 'node:fs';`, 'does not know'],
  ])('%s', (_, file, text, expected) => {
    expect(breachesOf({ [file]: text })).toEqual([expect.stringContaining(expected)]);
  });
});

test('types may be imported where the table opens a folder for types only', () => {
  expect(
    breachesOf({ 'run/a.ts': `import type { X } from '../client/x.ts'; export type { Y } from '../source/y.ts';` }),
  ).toEqual([]);
});

describe('the pure middle may not use', () => {
  test.each([
    'new Date()',
    'Date()',
    'Date.now()',
    'Math.random()',
    'crypto.randomUUID()',
    'randomBytes(4)',
    'setTimeout(f, 1)',
    'performance.now()',
    'fetch(url)',
  ])('%s', (expression) => {
    expect(breachesOf({ 'report/a.ts': `export const x = ${expression};` })).toHaveLength(1);
    expect(breachesOf({ 'client/a.ts': `export const x = ${expression};` })).toEqual([]);
  });

  test('but may read a time that it is given', () => {
    expect(breachesOf({ 'report/a.ts': 'export const x = (given: number) => new Date(given);' })).toEqual([]);
  });
});

describe('process', () => {
  test.each(['process.env.HOME', 'globalThis.process', 'const { env } = process', 'f(process)'])(
    'is for the command line and the main file of the plugin only: %s',
    (text) => {
      expect(breachesOf({ 'source/a.ts': text })).toEqual(['source/a.ts uses process']);
      expect(breachesOf({ 'reference-plugin/a.ts': text })).toHaveLength(1);
      expect(breachesOf({ 'cli/a.ts': text, 'reference-plugin/main.ts': text })).toEqual([]);
    },
  );

  test('may be the name of something else', () => {
    expect(breachesOf({ 'source/a.ts': 'queue.process(); export const x = { process: 1 };' })).toEqual([]);
  });
});

test('a cycle of imports is found across folders and named once', () => {
  const found = breachesOf({
    'model/a.ts': `import type { B } from './b.ts';`,
    'model/b.ts': `import { c } from './c.ts';`,
    'model/c.ts': `export { a } from './a.ts';`,
    'plan/d.ts': `import '../model/a.ts';`,
  });
  expect(found).toEqual(['a cycle of imports: model/a.ts → model/b.ts → model/c.ts → model/a.ts']);
});

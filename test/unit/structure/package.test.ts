/** What the published package promises: which Node it runs on, what it contains, and that nothing in it floats. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };

const rootFile = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const SHIMS = Object.entries(manifest.bin);

/** Syntax that a Node of ten years ago would stumble over before it could say that it is too old. */
const TOO_NEW: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.ImportDeclaration,
  ts.SyntaxKind.ExportDeclaration,
  ts.SyntaxKind.ExportAssignment,
  ts.SyntaxKind.AwaitExpression,
  ts.SyntaxKind.QuestionDotToken,
  ts.SyntaxKind.QuestionQuestionToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
  ts.SyntaxKind.AmpersandAmpersandEqualsToken,
  ts.SyntaxKind.PrivateIdentifier,
]);

test('it runs on Node 22.19 and later', () => {
  expect(manifest.engines).toEqual({ node: '>=22.19' });
});

test('it contains the commands, the build, the contract, the changelog and what the README leads to', () => {
  expect([...manifest.files].sort()).toEqual(['CHANGELOG.md', 'api-protocol', 'bin', 'dist', 'docs']);
});

test('it is under the MIT licence, and the text of that is there', () => {
  expect(manifest.license).toBe('MIT');
  expect(readFileSync(rootFile('LICENSE'), 'utf8')).toMatch(/^MIT License\n/);
});

test.each(Object.entries(manifest.devDependencies))('the version of %s is exact: %s', (_, version) => {
  expect(version).toMatch(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/);
});

test('it has the two commands', () => {
  expect(SHIMS.map(([name]) => name)).toEqual(['memory-backfill', 'memory-plugin']);
});

describe.each(SHIMS)('the command %s', (name, file) => {
  test('starts with a line for the shell, and can be run', () => {
    expect(existsSync(rootFile(file))).toBe(true);
    expect(readFileSync(rootFile(file), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  test('is written so that a Node which is too old can read it', () => {
    const source = ts.createSourceFile(file, readFileSync(rootFile(file), 'utf8'), ts.ScriptTarget.Latest, true);
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (TOO_NEW.has(node.kind)) found.push(ts.SyntaxKind[node.kind]);
      ts.forEachChild(node, visit);
    };
    visit(source);
    expect(found).toEqual([]);
  });

  test.each(['18.20.8', '20.19.0', '22.18.0'])('on Node %s says which version it needs, and exits 2', (version) => {
    const { status, stderr, stdout } = runOn(version, file);
    expect(stderr).toMatch(/^\S.*\n$/);
    expect(stderr.startsWith(name)).toBe(true);
    expect(stderr).toContain('22.19');
    expect(stderr).toContain(version);
    expect([status, stdout]).toEqual([2, '']);
  });

  test.each(['22.19.0', '24.0.0', '100.1.0'])('on Node %s goes on to the build', (version) => {
    expect(runOn(version, file).stderr).not.toContain('needs Node');
  });
});

/** Runs a command on this Node, which claims to be another. */
function runOn(version: string, file: string) {
  const claim = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
  const preload = `data:text/javascript,${encodeURIComponent(claim)}`;
  return spawnSync(process.execPath, ['--import', preload, rootFile(file), '--help'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
    timeout: 20_000,
  });
}

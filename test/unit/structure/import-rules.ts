/**
 * Who may import whom in `src`, as data, and the check of sources against it.
 *
 * The folders are stations of one flow: adapters at the edges do not know each other, the middle is pure, and only the
 * composition root knows them all. Whoever changes the table changes the README's map of the code with it.
 */
import path from 'node:path';
import ts from 'typescript';

interface FolderRule {
  /** Our folders that it may import. */
  ours: readonly string[];
  /** Our folders of which it may import the types, and nothing that exists at run time. */
  typesOf?: readonly string[];
  /** Packages from npm. */
  packages: readonly string[];
  /** No I/O, no clock, no randomness: what comes out follows from what goes in. */
  pure?: true;
}

export const RULES: Readonly<Record<string, FolderRule>> = {
  model: { ours: [], packages: [], pure: true },
  contract: { ours: [], packages: ['ajv', 'ajv-formats'] },
  plan: { ours: ['model'], packages: [], pure: true },
  verify: { ours: ['model'], packages: [], pure: true },
  report: { ours: ['model'], packages: [], pure: true },
  postgres: { ours: ['model'], packages: ['postgres'] },
  source: { ours: ['model', 'postgres'], packages: ['postgres'] },
  ledger: { ours: ['model', 'postgres'], packages: ['postgres'] },
  client: { ours: ['model', 'contract'], packages: ['openapi-fetch', 'undici', 'cockatiel'] },
  run: { ours: ['model', 'plan', 'verify'], typesOf: ['source', 'client', 'ledger'], packages: ['p-limit'] },
  cli: {
    ours: ['model', 'contract', 'plan', 'verify', 'report', 'source', 'ledger', 'client', 'run'],
    packages: ['yargs'],
  },
  'reference-plugin': { ours: ['contract'], packages: ['fastify', 'postgres'] },
};

/** Modules of Node that compute and do nothing else. */
const PURE_NODE_MODULES = ['node:buffer', 'node:crypto', 'node:util'];

const IMPURE_NAMES = [
  'Math.random',
  'Date.now',
  'performance',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'randomUUID',
  'randomBytes',
  'randomInt',
  'getRandomValues',
];

const mayUseProcess = (file: string): boolean => folderOf(file) === 'cli' || file === 'reference-plugin/main.ts';

interface Import {
  specifier: string;
  typeOnly: boolean;
}

/**
 * @param sources the text of each file, by its path within `src`.
 * @returns one sentence for each breach, in the order of the files; none where all is well.
 */
export function breaches(sources: ReadonlyMap<string, string>): string[] {
  const graph = new Map<string, string[]>();
  const found: string[] = [];
  for (const [file, text] of sources) {
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const imports = importsOf(source);
    graph.set(
      file,
      imports.filter(isRelative).map(({ specifier }) => targetOf(file, specifier)),
    );
    const sentences = [...imports.map((each) => importBreach(file, each)), ...usageBreaches(file, source)];
    found.push(...sentences.filter((sentence) => sentence !== undefined));
  }
  return [...found, ...cyclesIn(graph)];
}

function importBreach(file: string, wanted: Import): string | undefined {
  const folder = folderOf(file);
  const rule = RULES[folder];
  const { specifier, typeOnly } = wanted;
  if (!rule) return `${file} lies in a folder that the table does not know`;
  if (specifier === 'node:process') return mayUseProcess(file) ? undefined : `${file} imports node:process`;
  if (specifier.startsWith('node:')) {
    return rule.pure && !PURE_NODE_MODULES.includes(specifier)
      ? `${file} is pure, but imports ${specifier}`
      : undefined;
  }
  if (!isRelative(wanted)) {
    const name = packageOf(specifier);
    return rule.packages.includes(name) ? undefined : `${file} imports the package ${name}`;
  }
  const target = folderOf(targetOf(file, specifier));
  if (target === folder || rule.ours.includes(target)) return undefined;
  if (!rule.typesOf?.includes(target)) return `${file} imports from ${target}`;
  return typeOnly ? undefined : `${file} imports more than types from ${target}`;
}

function usageBreaches(file: string, source: ts.SourceFile): string[] {
  const pure = RULES[folderOf(file)]?.pure === true;
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isProcess(node) && !mayUseProcess(file)) found.push(`${file} uses process`);
    const impure = pure ? impurityOf(node) : undefined;
    if (impure) found.push(`${file} is pure, but uses ${impure}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `process` itself, or as a property of the global object; not a member or a key of that name somewhere else. */
function isProcess(node: ts.Node): boolean {
  if (!ts.isIdentifier(node) || node.text !== 'process') return false;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node)
    return parent.expression.getText() === 'globalThis';
  return !('name' in parent && parent.name === node);
}

function impurityOf(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) return 'new Date()';
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()';
  if (ts.isPropertyAccessExpression(node)) return IMPURE_NAMES.find((name) => name === node.getText());
  if (!ts.isIdentifier(node)) return undefined;
  return IMPURE_NAMES.find((name) => name === node.text);
}

// --- Imports ----------------------------------------------------------------------------------------------------------

function importsOf(source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (specifier && ts.isStringLiteralLike(specifier)) found.push({ specifier: specifier.text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    // `import { type X }` is no import of types only: an import of the module for its side effects remains of it.
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly === true);
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const isRelative = ({ specifier }: Import): boolean => specifier.startsWith('.');

const targetOf = (file: string, specifier: string): string => path.posix.join(path.posix.dirname(file), specifier);

/** The first part of its path; a file directly in `src` has none, and so no rule. */
const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '(none)');

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** @returns each cycle once, from the file in it that comes first. */
function cyclesIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const settled = new Set<string>();
  const follow = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start >= 0) found.push(`a cycle of imports: ${[...trail.slice(start), file].join(' → ')}`);
    if (start >= 0 || settled.has(file)) return;
    for (const next of graph.get(file) ?? []) follow(next, [...trail, file]);
    settled.add(file);
  };
  for (const file of graph.keys()) follow(file, []);
  return found;
}

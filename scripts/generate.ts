/**
 * Writes what is generated from the plugin's contract, `api-protocol/memory-plugin-v1.yaml`:
 *
 *   src/contract/schema.gen.ts    the TypeScript types of its operations (openapi-typescript)
 *   src/contract/schemas.gen.ts   its JSON schemas
 *   src/contract/checks.gen.js    the checks of bodies, compiled from these schemas (ajv): no start has to do it
 *   src/contract/checks.gen.d.ts  their types
 *
 * and from the type of the reports, `Report` in `src/model/run.ts`, which is a contract with whoever reads them:
 *
 *   api-protocol/memory-backfill-report-v1.schema.json   the same as a JSON schema of draft 7 (ts-json-schema-generator)
 *   src/contract/report.gen.ts                           that schema, for the check of a report that is read back
 *
 * With `--check` nothing is written, and the exit code is 1 where a file on disk is not what would be written.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundle, createConfig } from '@redocly/openapi-core';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import formats from 'ajv-formats';
import openapiTS, { astToString } from 'openapi-typescript';
import { createGenerator } from 'ts-json-schema-generator';

const contract = new URL('../api-protocol/memory-plugin-v1.yaml', import.meta.url);
const model = new URL('../src/model/run.ts', import.meta.url);
const banner = (by: string, from = 'api-protocol/memory-plugin-v1.yaml') =>
  `// Generated from ${from} by ${by}; do not edit. \`npm run generate\` makes it anew.\n\n`;

async function types(): Promise<string> {
  const ast = await openapiTS(contract, { defaultNonNullable: false, alphabetize: false });
  return banner('openapi-typescript') + astToString(ast);
}

async function contractSchemas(): Promise<Record<string, object>> {
  const { bundle: document } = await bundle({ ref: fileURLToPath(contract), config: await createConfig({}) });
  return document.parsed.components.schemas;
}

/**
 * The whole set under one id, so that the contract's own `#/components/schemas/…` references resolve as they stand. ajv writes `require`
 * for what its checks need of it, also into a module.
 */
function checks(schemas: Record<string, object>): string {
  const ajv = new Ajv({ strict: true, code: { source: true, esm: true, lines: true } });
  formats.default(ajv);
  ajv.addVocabulary(['components']);
  ajv.addSchema({ $id: 'contract', components: { schemas } });
  const names = Object.keys(schemas);
  const imports = new Map<string, string>();
  const code = standalone
    .default(ajv, Object.fromEntries(names.map((name) => [name, `contract#/components/schemas/${name}`])))
    .replace('"use strict";', '')
    .replaceAll(/\brequire\("([^"]+)"\)/g, (_call, path: string) => {
      const name = path.replaceAll(/\W+/g, '_');
      imports.set(name, path);
      return name;
    });
  const head = [...imports].map(([name, path]) => `import ${name} from '${path}.js';\n`).join('');
  return `${banner('ajv')}${head}${code.trim()}\nexport const checks = { ${names.join(', ')} };\n`;
}

/** Strict: a field too many is as much a breach as one too few. Comments of the type become descriptions. */
function reportSchema(): object {
  const { $schema, ...shape } = createGenerator({
    path: fileURLToPath(model),
    tsconfig: fileURLToPath(new URL('../tsconfig.json', import.meta.url)),
    type: 'Report',
    additionalProperties: false,
    topRef: false,
    jsDoc: 'extended',
    skipTypeCheck: true,
  }).createSchema('Report');
  return {
    $schema,
    $id: 'urn:memory-backfill:report:v1',
    title: 'Report of memory-backfill, version 1',
    description:
      'What --json prints, of every mode: what a run was asked, what it did or found, and the exit code that follows. Times are in ISO 8601 and UTC, durations in milliseconds. A change that breaks readers raises "report".',
    ...shape,
  };
}

/** As Biome formats it: a list of words stands on one line where it fits. */
function formatted(schema: object): string {
  const text = JSON.stringify(schema, null, 2).replaceAll(/\s*\{@link\s+([\w.]+)\s*\}/g, ' $1');
  const lines = text.replaceAll(/^(.*\[)\n([^[\]{}]+)\]/gm, (list, before: string, items: string) => {
    const line = `${before}${items.trim().replaceAll(/\n\s+/g, ' ')}]`;
    return line.length < 120 ? line : list;
  });
  return `${lines}\n`;
}

const checkTypes = `import type { ValidateFunction } from 'ajv';
import type { components } from './schema.gen.ts';

type Schemas = components['schemas'];

/** By the name of the schema. */
export const checks: { readonly [Name in keyof Schemas]: ValidateFunction<Schemas[Name]> };
`;

const schemas = await contractSchemas();
const report = formatted(reportSchema());

const generated: ReadonlyArray<[file: string, text: string]> = [
  ['../src/contract/schema.gen.ts', await types()],
  [
    '../src/contract/schemas.gen.ts',
    `${banner('scripts/generate.ts')}export const schemas = ${JSON.stringify(schemas, null, 2)} as const;\n`,
  ],
  ['../src/contract/checks.gen.js', checks(schemas)],
  ['../src/contract/checks.gen.d.ts', banner('scripts/generate.ts') + checkTypes],
  ['../api-protocol/memory-backfill-report-v1.schema.json', report],
  [
    '../src/contract/report.gen.ts',
    `${banner('scripts/generate.ts', 'the type Report in src/model/run.ts')}export const reportSchema = ${report.trimEnd()} as const;\n`,
  ],
];

for (const [file, text] of generated) {
  const url = new URL(file, import.meta.url);
  if (!process.argv.includes('--check')) {
    await writeFile(url, text);
  } else if ((await readFile(url, 'utf8').catch(() => '')) !== text) {
    console.error(`${file.slice(3)} is out of date: run \`npm run generate\` and commit the result.`);
    process.exitCode = 1;
  }
}

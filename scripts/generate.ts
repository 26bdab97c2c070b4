/**
 * Writes what is generated from the contract, `api-protocol/memory-plugin-v1.yaml`:
 *
 *   src/contract/schema.gen.ts    the TypeScript types of its operations (openapi-typescript)
 *   src/contract/schemas.gen.ts   its JSON schemas, from which the checks at run time are compiled
 *
 * With `--check` nothing is written, and the exit code is 1 where a file on disk is not what would be written.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundle, createConfig } from '@redocly/openapi-core';
import openapiTS, { astToString } from 'openapi-typescript';

const contract = new URL('../api-protocol/memory-plugin-v1.yaml', import.meta.url);
const banner = (by: string) =>
  `// Generated from api-protocol/memory-plugin-v1.yaml by ${by}; do not edit. \`npm run generate\` makes it anew.\n\n`;

async function types(): Promise<string> {
  const ast = await openapiTS(contract, { defaultNonNullable: false, alphabetize: false });
  return banner('openapi-typescript') + astToString(ast);
}

async function schemas(): Promise<string> {
  const { bundle: document } = await bundle({ ref: fileURLToPath(contract), config: await createConfig({}) });
  const text = JSON.stringify(document.parsed.components.schemas, null, 2);
  return `${banner('scripts/generate.ts')}export const schemas = ${text} as const;\n`;
}

const generated: ReadonlyArray<[file: string, text: string]> = [
  ['../src/contract/schema.gen.ts', await types()],
  ['../src/contract/schemas.gen.ts', await schemas()],
];

for (const [file, text] of generated) {
  const url = new URL(file, import.meta.url);
  if (!process.argv.includes('--check')) {
    await writeFile(url, text);
  } else if ((await readFile(url, 'utf8').catch(() => '')) !== text) {
    console.error(`${file.slice(3)} is not what the contract says: run \`npm run generate\` and commit the result.`);
    process.exitCode = 1;
  }
}

/** Whether a document is JUnit XML as CI systems take it, by `junit.xsd`. */
import { readFile } from 'node:fs/promises';
import { validateXML } from 'xmllint-wasm';

const SCHEMA = new URL('./junit.xsd', import.meta.url);

/** @returns what is wrong, in libxml's words; nothing where all of them are valid */
export async function junitFaults(...documents: string[]): Promise<string[]> {
  const schema = [{ fileName: 'junit.xsd', contents: await readFile(SCHEMA, 'utf8') }];
  const xml = documents.map((contents, index) => ({ fileName: `${index}.xml`, contents }));
  const { errors } = await validateXML({ xml, schema });
  return errors.map(({ message }) => message);
}

/** What stands between the start and the end of the case of this name; empty where there is none. */
export function junitCase(name: string, junit: string): string {
  const [, inner] =
    new RegExp(`<testcase classname="memory-backfill.verify" name="${name}"[^>]*>([\\s\\S]*?)</testcase>`).exec(
      junit,
    ) ?? [];
  return inner?.trim() ?? '';
}

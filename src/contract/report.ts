/**
 * The check of a report that is read back, compiled from the schema under which reports are published
 * (`api-protocol/memory-backfill-report-v1.schema.json`).
 *
 * It is strict: this tool repairs from nothing but what one of its own wrote.
 */
import { Ajv, type ValidateFunction } from 'ajv';
import type { BodyCheck } from './bodies.ts';
import { reportSchema } from './report.gen.ts';

/** A report is read once a run: that the check is there soon counts for more than how fast it is. */
const ajv = new Ajv({ strict: true, allowUnionTypes: true, inlineRefs: false, code: { optimize: false } });

/**
 * @typeParam Report the type that the schema is generated from
 * @returns a type guard; after it has answered `false`, its `reason()` names the place and what is wrong there, without quoting
 *   what stands in it
 */
export function reportCheck<Report>(): BodyCheck<Report> {
  // Compiled by the first report that is read: every other run would pay for it at its start.
  let isValid: ValidateFunction | undefined;
  let refused: unknown;
  const check = (body: unknown): body is Report => {
    refused = body;
    isValid ??= ajv.compile(reportSchema);
    return isValid(body);
  };
  return Object.assign(check, { reason: () => reasonOf(refused, isValid?.errors) });
}

/**
 * The schema alone would say of a result that it is that of no mode: the mode that it names tells which one it was to be, and
 * what it lacks.
 */
function reasonOf(body: unknown, errors: ValidateFunction['errors']): string {
  if (!errors) return 'is valid';
  const { place, sentence } = complaint(errors);
  const result = partOf(body, 'result');
  const mode = partOf(result, 'mode');
  const [definition] = Object.entries(reportSchema.definitions).find(([, shape]) => modeOf(shape) === mode) ?? [];
  if (place !== '/result' || typeof mode !== 'string' || definition === undefined)
    return `${place || 'the report'} ${sentence}`;
  const resultIsValid = ajv.compile({ $ref: `${reportSchema.$id}#/definitions/${definition}` });
  if (resultIsValid(result)) return `${place} ${sentence}`;
  const inner = complaint(resultIsValid.errors);
  return `${place}${inner.place} ${inner.sentence}`;
}

/** What is wrong on the outside: of a part that may be one of several, that it is none of them. */
function complaint(errors: ValidateFunction['errors']): { place: string; sentence: string } {
  const error = errors?.at(-1);
  const sentence = error?.keyword === 'anyOf' ? 'is none of what may stand there' : error?.message;
  return { place: error?.instancePath ?? '', sentence: sentence ?? 'is not valid' };
}

function modeOf(shape: object): unknown {
  return partOf(partOf(partOf(shape, 'properties'), 'mode'), 'const');
}

function partOf(whole: unknown, name: string): unknown {
  return Object.entries(whole ?? {}).find(([key]) => key === name)?.[1];
}

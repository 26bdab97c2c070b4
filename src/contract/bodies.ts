/**
 * Checks of the contract's bodies at run time, compiled from the contract itself, so that what is accepted on the wire is
 * what the types say.
 *
 * Whoever reads a body from the other side passes it through one of these and trusts it from then on. Fields that the
 * contract does not know are let through: a later version may add some.
 */
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { components } from './schema.gen.ts';
import { schemas } from './schemas.gen.ts';

export type Schemas = components['schemas'];

/**
 * The whole set under one id, so that the contract's own `#/components/schemas/…` references resolve as they stand. That they are schemas
 * is for a test to see, and not for each start.
 */
const ajv = new Ajv({ allErrors: false, strict: true, meta: false, validateSchema: false });
formats.default(ajv);
ajv.addVocabulary(['components']);
ajv.addSchema({ $id: 'contract', components: { schemas } });

export type BodyCheck<T> = ((body: unknown) => body is T) & { reason(): string };

/**
 * @returns a type guard for the named body; after it has answered `false`, its `reason()` says what is wrong, without
 *   quoting any value of the body.
 */
export function bodyCheck<Name extends keyof Schemas>(name: Name): BodyCheck<Schemas[Name]> {
  let compiled: ValidateFunction<Schemas[Name]> | undefined;
  const check = (body: unknown): body is Schemas[Name] => {
    // At the first body: a run that never sees one, and `--version`, would pay a tenth of their start for it.
    compiled ??= ajv.compile<Schemas[Name]>({ $ref: `contract#/components/schemas/${name}` });
    return compiled(body);
  };
  const reason = () => {
    const error = compiled?.errors?.[0];
    return error ? `${error.instancePath || 'the body'} ${error.message ?? 'is not valid'}` : 'is valid';
  };
  return Object.assign(check, { reason });
}

/**
 * Checks of the contract's bodies at run time, compiled from the contract itself (`npm run generate`), so that what is accepted on the
 * wire is what the types say.
 *
 * Whoever reads a body from the other side passes it through one of these and trusts it from then on. Fields that the
 * contract does not know are let through: a later version may add some.
 */
import { checks } from './checks.gen.js';
import type { components } from './schema.gen.ts';

export type Schemas = components['schemas'];

export type BodyCheck<T> = ((body: unknown) => body is T) & { reason(): string };

/**
 * @returns a type guard for the named body; after it has answered `false`, its `reason()` says what is wrong, without
 *   quoting any value of the body.
 */
export function bodyCheck<Name extends keyof Schemas>(name: Name): BodyCheck<Schemas[Name]> {
  const isValid = checks[name];
  const check = (body: unknown): body is Schemas[Name] => isValid(body);
  const reason = () => {
    const error = isValid.errors?.[0];
    return error ? `${error.instancePath || 'the body'} ${error.message ?? 'is not valid'}` : 'is valid';
  };
  return Object.assign(check, { reason });
}

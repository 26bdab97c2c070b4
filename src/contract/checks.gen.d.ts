// Generated from api-protocol/memory-plugin-v1.yaml by scripts/generate.ts; do not edit. `npm run generate` makes it anew.

import type { ValidateFunction } from 'ajv';
import type { components } from './schema.gen.ts';

type Schemas = components['schemas'];

/** By the name of the schema. */
export const checks: { readonly [Name in keyof Schemas]: ValidateFunction<Schemas[Name]> };

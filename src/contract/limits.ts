/** What the contract fixes in numbers and patterns. `test/contract/limits.test.ts` holds them against the YAML. */

/** `info.version` of the contract. */
export const CONTRACT_VERSION = '1.0.0';

/** The most memories that one search may ask for; there is no offset, so this is also the most that can be listed. */
export const SEARCH_LIMIT_MAX = 100;

export const NAMESPACE_NAME = /^[a-z]+:[A-Za-z0-9_:.-]+$/;
export const NAMESPACE_NAME_MAX = 256;

/** The capabilities known today; a plugin may announce others. */
export const KNOWN_CAPABILITIES = ['embedding', 'fts', 'ttl', 'pin', 'propagation'] as const;

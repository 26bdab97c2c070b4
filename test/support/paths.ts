/** Paths of the contract, for the rules of a fault proxy. */

/** The commit of a row, and not of the trial that goes before an apply's first write. */
export const ROW_COMMITS = /\/namespaces\/(?!custom:)[^/]+\/memories$/;

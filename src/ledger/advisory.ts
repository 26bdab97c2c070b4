/** The advisory locks of the ledger: two numbers, the first of which says whose they are. They belong to one database. */

/** "mbfl" in ASCII: other users of advisory locks are unlikely to have chosen it. */
export const LOCK_CLASS = 0x6d_62_66_6c;

/** The second number of the lock under which one start at a time migrates; pairs are numbered from 1. */
export const MIGRATING = 0;

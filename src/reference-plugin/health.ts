/** Whether the plugin can serve, which is whether its database answers. */
import { unavailable } from './refusals.ts';
import type { Store } from './store.ts';

/** Milliseconds in which the database must answer for the plugin to call itself healthy. */
const DEADLINE = 3000;

/**
 * @returns a function that asks the database, once for all who ask at the same time: one that hangs is not asked again
 *   before it has answered. It rejects with 503 `unavailable` where the database refuses, or is too late.
 */
export function healthOf(store: Store): () => Promise<void> {
  let asking: Promise<void> | undefined;
  return async () => {
    asking ??= store.ping().finally(() => {
      asking = undefined;
    });
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error('The database hangs.')), DEADLINE);
    try {
      await Promise.race([asking, tooLate]);
    } catch (cause) {
      throw unavailable(cause);
    } finally {
      clearTimeout(timer);
    }
  };
}

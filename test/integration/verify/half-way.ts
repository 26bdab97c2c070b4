/** A verify that has come to a halt half-way, so that something can happen to it there. */
import type { ChildProcess } from 'node:child_process';
import type { RunningBackfill, World } from '../../support/migration.ts';
import { type Verified, verified } from './verifying.ts';

export interface HalfWay {
  child: ChildProcess;
  until: RunningBackfill['until'];
  /** Lets the plugin answer again, and waits for the end. */
  goOn(): Promise<Verified>;
  /** Waits for the end of a run that does not need the plugin's answer any more. */
  giveUp(): Promise<Verified>;
}

/**
 * Starts a verify and freezes the plugin as a search comes in. If that is the first one, the first page of the source has
 * been read by then, the second is being read, and no other has been touched.
 *
 * @param answered how many searches come before that one, and are answered
 */
export async function halfWay(world: World, flags: readonly string[], answered = 0): Promise<HalfWay> {
  const proxy = await world.faultProxy();
  const match = { method: 'POST', path: /^\/v1\/search$/, skip: answered, times: 1 };
  const search = proxy.on(match, { kind: 'delay', milliseconds: 1 });
  const { child, until, finished } = world.start(['--verify', ...flags]);
  // In time: the search is held in this process until it has told that it came.
  await search.firstFired.then(() => world.plugin.freeze());

  const thaw = () => world.plugin.thaw();
  return {
    child,
    until,
    goOn() {
      thaw();
      return finished.then(verified);
    },
    giveUp: () => finished.then(verified).finally(thaw),
  };
}

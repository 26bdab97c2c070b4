/** A verify that has come to a halt half-way, so that something can happen to it there. */
import type { ChildProcess } from 'node:child_process';
import type { RunningBackfill, World } from '../../support/migration.ts';
import { type Verified, verified } from './verifying.ts';

/** Of requests that a fault proxy is to hit. */
export const SEARCH = { method: 'POST', path: /^\/v1\/search$/ } as const;

export interface HalfWay {
  child: ChildProcess;
  until: RunningBackfill['until'];
  /** Lets the plugin answer again, and waits for the end. */
  goOn(): Promise<Verified>;
  /** Waits for the end of a run that does not need the plugin's answer any more. */
  giveUp(): Promise<Verified>;
}

export interface Where {
  /** The search is one that asks for this namespace; any one without it. */
  namespace?: string;
  /** How many of these come before it, and are answered. */
  answered?: number;
}

/**
 * Starts a verify and freezes the plugin as a search comes in. If that is the first one, the source has been read for one batch
 * of 2,000 rows, and a page or two beyond that.
 */
export async function halfWay(world: World, flags: readonly string[], where: Where = {}): Promise<HalfWay> {
  const { namespace = '', answered = 0 } = where;
  const proxy = await world.faultProxy();
  const match = { ...SEARCH, body: new RegExp(namespace), skip: answered, times: 1 };
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

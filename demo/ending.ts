/**
 * How the demo ends before its end: by a signal, or because its audience has left (a closed pipe or terminal).
 *
 * The process exits at once, and the exit listeners of whatever was started end and remove it (stage.ts). They are
 * synchronous: there is nothing to wait for that could hang, and a second signal, which npm adds to every Ctrl-C, finds
 * nothing that it could interrupt. The listeners here stay for that reason: without one, a signal ends a process in its tracks.
 */
import { print } from './narration.ts';

const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const AUDIENCE_LEFT = 1;

export function listenForTheEnd(): void {
  process.on('SIGHUP', interrupted);
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
  process.stdout.on('error', () => process.exit(AUDIENCE_LEFT));
}

function interrupted(signal: keyof typeof EXIT_CODES): void {
  print(`\n${signal}: ending and removing all that was started.`);
  process.exit(EXIT_CODES[signal]);
}

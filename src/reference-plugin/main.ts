/**
 * The memory plugin as a program: reads its options, opens the store, listens, and stops when told to. The only file here
 * that touches the running program; importing it starts the plugin.
 *
 * stdout carries one line, once it listens; stderr what went wrong, without content and without credentials. The first
 * SIGTERM or SIGINT lets running requests finish; a second one ends the program at once. A crash leaves behind what
 * Postgres had committed, and nothing else is kept anywhere.
 */
import { availableParallelism } from 'node:os';
import postgres from 'postgres';
import { SchemaTooNew } from './migrations.ts';
import { HELP, type Options, readOptions, UsageError } from './options.ts';
import { kindOf } from './refusals.ts';
import { createServer } from './server.ts';
import { openStore, type Store } from './store.ts';

const EXIT_USAGE = 2;
const EXIT_DATABASE = 3;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = optionsOrComplaint();
  if (options === undefined) return EXIT_USAGE;
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const store = await openStore(options).catch((error: unknown) => complain(databaseTrouble(error)));
  if (!store) return EXIT_DATABASE;
  try {
    return await serve(store, options);
  } finally {
    await store.close();
  }
}

async function serve(store: Store, { host, port }: Options): Promise<number> {
  const server = createServer(store, complain);
  const url = await server.listen({ host, port }).catch((error: unknown) => {
    complain(`It cannot listen on port ${port} of ${host}: ${kindOf(error)}.`);
  });
  if (url === undefined) return EXIT_USAGE;
  const stopped = firstSignal();
  process.stdout.write(`memory-plugin listening on ${url}\n`);
  await stopped;
  await server.close();
  return 0;
}

/** Once it has come, signals have their usual effect again, which is to end the program. */
function firstSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = () => {
    process.off('SIGTERM', stop).off('SIGINT', stop);
    resolve();
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  return promise;
}

function optionsOrComplaint(): Options | 'help' | undefined {
  try {
    return readOptions(process.argv.slice(2), process.env, availableParallelism());
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(error.message);
    return undefined;
  }
}

/** What Postgres says is told, since it explains; but of a refused login only that, as the user's name is in it. */
function databaseTrouble(error: unknown): string {
  if (error instanceof SchemaTooNew) return error.message;
  if (!(error instanceof postgres.PostgresError)) return `The database cannot be reached: ${kindOf(error)}.`;
  if (error.code.startsWith('28')) return `The database refuses the login (${error.code}).`;
  return `The database cannot be used: ${error.message} (${error.code}).`;
}

function complain(sentence: string): undefined {
  process.stderr.write(`memory-plugin: ${sentence}\n`);
}

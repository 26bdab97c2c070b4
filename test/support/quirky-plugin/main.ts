/**
 * A memory plugin for the tests, independent of the product's code: it keeps to the contract, and shows the quirks of real
 * plugins on demand. What it stores is gone when it stops.
 *
 *   node main.ts [--port N] [--quirks a,b,c]      port 0, the default, takes any that is free
 *
 * Prints `quirky-plugin listening on http://127.0.0.1:PORT` once it serves. Leaves on SIGTERM and SIGINT, cutting what is
 * under way.
 */
import { parseArgs } from 'node:util';
import { Plugin } from './control.ts';
import { isQuirk, QUIRKS } from './quirks.ts';
import { pluginServer } from './server.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, quirks: { type: 'string', default: '' } },
});
const names = values.quirks.split(',').filter((name) => name !== '');
const quirks = names.filter(isQuirk);
if (quirks.length < names.length) {
  const known = Object.entries(QUIRKS).map(([name, { does }]) => `  ${name}: ${does}`);
  console.error(`Not a quirk: ${names.filter((name) => !isQuirk(name)).join(', ')}. There are:\n${known.join('\n')}`);
  process.exit(2);
}

const server = pluginServer(new Plugin(quirks));
server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen(Number(values.port), '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  console.log(`quirky-plugin listening on http://127.0.0.1:${address.port}`);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));

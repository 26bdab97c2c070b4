/** How full namespaces are asked: for the words that few of their rows hold, however short those are, and many namespaces at a time. */
import { expect, test } from 'vitest';
import { insertMemories, memory, plantTree } from '../../support/legacy.ts';
import { startWorld } from '../../support/migration.ts';
import { SEARCH } from './half-way.ts';
import { plantTickets } from './rows.ts';
import { tampering } from './tampering.ts';
import { ALL, allNamed, apply, listed, verify } from './verifying.ts';

/** Thirty long words without a digit, more than are ever asked for. */
const COMMON = Array.from({ length: 30 }, (_, index) => `boilerplate${letters(index)}paragraph`).join(' ');

/** A word of three letters for each number below 17,576. */
function letters(number: number): string {
  return [676, 26, 1].map((unit) => String.fromCharCode(97 + (Math.floor(number / unit) % 26))).join('');
}

test('rows that differ in one short word of many are all settled, in a namespace fuller than a search lists', async () => {
  await using world = await startWorld({ plugin: 'reference' });
  const tree = await plantTree(world.sql, { workspaces: { acme: {} }, memories: {} });
  const workspaceId = tree.workspace('acme');
  const rows = Array.from({ length: 130 }, (_, index) =>
    memory({ content: `${COMMON} q${letters(index)}`, workspaceId }),
  );
  await insertMemories(world.sql, rows);
  await apply(world);
  const lost = rows.filter((_, index) => index === 5 || index === 120);
  await tampering(world).remove(lost.map(({ id }) => id));

  const { result } = await verify(world, ...ALL);

  expect(listed(result)).toEqual(allNamed('missing', lost));
  expect(result.rows).toMatchObject({ compared: 130, matched: 128 });
});

test('a row is looked for in many full namespaces by one request', async () => {
  await using world = await startWorld({ plugin: 'quirky' });
  const tree = await plantTree(world.sql, { workspaces: { own: {}, one: {}, two: {}, three: {} }, memories: {} });
  const own = await plantTickets(world, 6, { workspaceId: tree.workspace('own') });
  for (const name of ['one', 'two', 'three'] as const) {
    await plantTickets(world, 105, { workspaceId: tree.workspace(name) });
  }
  await apply(world);
  const proxy = await world.faultProxy();
  const ofThree = /^(?=.*"query")(?=.*"workspace:[^\]]*"workspace:[^\]]*"workspace:)/;
  const together = proxy.on({ ...SEARCH, body: ofThree }, { kind: 'delay', milliseconds: 1 });

  const { code, result } = await verify(world, '--workspace', tree.workspace('own'));

  expect(result.hunt).toMatchObject({ probed: 3, rows: { probed: own.length } });
  // One that finds out how many namespaces a request may name, and one for each row.
  expect(together.fired).toBeGreaterThanOrEqual(1 + own.length);
  expect(code).toBe(0);
});

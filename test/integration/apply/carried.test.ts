/** Provenance is sent to a plugin that announces `propagation`; edges.test.ts has what it says. Here are those that do not. */
import { expect, test } from 'vitest';
import { plantTree } from '../../support/legacy.ts';
import { PLUGINS, startWorld } from '../../support/migration.ts';

test.each(PLUGINS)(
  'the %s plugin, which would keep all that it is sent, gets none where it does not announce it',
  async (plugin) => {
    await using world = await startWorld({ plugin });
    const { memory } = await plantTree(world.sql, { workspaces: { acme: {} }, memories: { one: { of: 'acme' } } });
    const proxy = await world.faultProxy();
    const health = { status: 'ok', version: '1.0.0', capabilities: ['fts', 'ttl', 'pin', 'embedding'] };
    proxy.on({ path: /\/health$/ }, { kind: 'answer', status: 200, body: JSON.stringify(health) });

    const { report } = await world.backfill(['--apply']);

    expect(report).toMatchObject({ exitCode: 0, plugin: health, result: { written: 1 } });
    const { memories } = await world.contents();
    expect(memories).toMatchObject([{ id: memory('one').id, content: 'one', propagation: null }]);
  },
);

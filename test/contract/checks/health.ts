/** getHealth: what a plugin says of itself. */
import assert from 'node:assert/strict';
import { bodyCheck } from '../../../src/contract/bodies.ts';
import { bodyOf, type Check } from '../check.ts';

const isHealth = bodyCheck('HealthResponse');

export const healthChecks: readonly Check[] = [
  {
    name: 'health answers 200 with status, version and capabilities',
    async run(wire) {
      const health = bodyOf(await wire.send('GET', '/v1/health'), 200, isHealth, 'a HealthResponse');
      assert.notEqual(health.version, '', 'the version is empty');
    },
  },
  {
    name: 'health announces no capability twice',
    async run(wire) {
      const { capabilities } = bodyOf(await wire.send('GET', '/v1/health'), 200, isHealth, 'a HealthResponse');
      assert.equal(new Set(capabilities).size, capabilities.length, `announced: ${capabilities.join(', ')}`);
    },
  },
];

/**
 * One Postgres server for all integration tests of a run: the one in TEST_DATABASE_URL (a superuser's URL), or an embedded
 * one that is started here and stopped after the last test.
 */
import type { TestProject } from 'vitest/node';
import { startCluster } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    clusterUrl: string;
  }
}

export default async function setUp(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) {
    project.provide('clusterUrl', given);
    return undefined;
  }
  const cluster = await startCluster();
  project.provide('clusterUrl', cluster.url);
  return cluster.stop;
}

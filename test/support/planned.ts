/** A row as the planner hands it on, for tests to which it does not matter what it says. */
import type { PlannedWrite } from '../../src/model/memory.ts';

export const plannedRow = (values: Partial<PlannedWrite> = {}): PlannedWrite => ({
  verdict: 'write',
  id: 'a1',
  workspaceId: 'sales',
  scope: 'TEAM',
  namespace: { name: 'team:acme', kind: 'team' },
  content: 'Deploys are frozen on Fridays.',
  kind: 'fact',
  source: 'agent',
  createdAt: null,
  updatedAt: null,
  ...values,
});

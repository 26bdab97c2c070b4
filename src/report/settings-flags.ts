/** A run's settings as the flags that they came from. */
import type { RunSettings } from '../model/settings.ts';

/** Those alone that differ from the defaults. */
export function flagsOf({
  workspace,
  limit,
  teamLevel,
  removedWorkspaces,
  onConflict,
  retryFailed,
}: RunSettings): string[] {
  return [
    ...(workspace === null ? [] : [`--workspace ${workspace}`]),
    ...(limit === null ? [] : [`--limit ${limit}`]),
    ...(teamLevel === null ? [] : [`--team-level ${teamLevel}`]),
    ...(removedWorkspaces === 'skip' ? [] : [`--removed-workspaces ${removedWorkspaces}`]),
    ...(onConflict === 'keep' ? [] : [`--on-conflict ${onConflict}`]),
    ...(retryFailed === null ? [] : [retryFailed === 'all' ? '--retry-failed' : `--retry-failed ${retryFailed.run}`]),
  ];
}

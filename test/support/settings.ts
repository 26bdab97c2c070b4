/** The settings of a run to which nobody has given any. */
import type { RunSettings } from '../../src/model/settings.ts';

export const DEFAULT_SETTINGS: RunSettings = Object.freeze({
  workspace: null,
  limit: null,
  teamLevel: null,
  removedWorkspaces: 'skip',
  onConflict: 'keep',
  retryFailed: null,
});

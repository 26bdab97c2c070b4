/** The source that is large, which more than one scenario reads. */
import type { Bench, Source } from '../bench.ts';

export function largeSource(bench: Bench): Promise<Source> {
  return bench.source({ rows: bench.scale.large, workspaces: 1_000, searchable: false });
}

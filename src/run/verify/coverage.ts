/** How much of the plugin a verify has seen: which namespaces a listing showed whole, which were too full for that, which did not answer. */
import type { Hunt } from '../../model/verify.ts';

export interface Coverage {
  listed(namespace: string): void;
  crowded(namespace: string): void;
  failed(namespace: string): void;
  /** The namespaces that hold more than a listing shows. */
  crowd(): readonly string[];
  /** Rows were looked for by their words in so many of the crowd. */
  probed(namespaces: number, rows: Hunt['rows']): void;
  finish(): void;
  hunt(): Hunt;
}

/** @param known how many namespaces there are by the tree */
export function coverage(known: number): Coverage {
  const seen = { listed: new Set<string>(), crowded: new Set<string>(), failed: new Set<string>() };
  let probed = 0;
  let rows: Hunt['rows'] = { probed: 0, unsearchable: 0 };
  let finished = false;
  return {
    listed: (name) => void seen.listed.add(name),
    crowded: (name) => void seen.crowded.add(name),
    failed: (name) => void seen.failed.add(name),
    crowd: () => [...seen.crowded],
    probed(namespaces, ofRows) {
      probed = namespaces;
      rows = ofRows;
    },
    finish() {
      finished = true;
    },
    hunt: () => ({
      listed: [...seen.listed].filter((name) => !seen.crowded.has(name)).length,
      probed,
      uncovered: seen.crowded.size - probed + seen.failed.size,
      known,
      rows,
      finished,
    }),
  };
}

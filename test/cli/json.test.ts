/** With --json, stdout is one report and nothing else, whatever the mode; its shape is pinned here, field by field. */
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApplyResult } from '../../src/model/run.ts';
import { runCli } from '../support/cli.ts';
import { startWorld, type World } from '../support/migration.ts';
import type { QuirkyPlugin } from '../support/quirky-plugin.ts';
import { damageCopy, plantSmallWorld, type SmallWorld } from './small-world.ts';
import { namesOf, steady } from './transcript.ts';

const { version }: { version: string } = createRequire(import.meta.url)('../../package.json');

let world: World<QuirkyPlugin>;
let tree: SmallWorld;
beforeAll(async () => {
  world = await startWorld({ plugin: 'quirky' });
  tree = await plantSmallWorld(world);
});
afterAll(() => world.release());

/** The report, with words in capitals for what is new in each run. */
async function reported(...args: string[]): Promise<string> {
  const { databaseUrl, plugin } = world;
  const env = { DATABASE_URL: databaseUrl, MEMORY_PLUGIN_URL: plugin.url, MEMORY_BACKFILL_CONCURRENCY: '1' };
  const { code, stdout, stderr } = await runCli([...args, '--json'], env);
  const report: unknown = JSON.parse(stdout);
  expect(stderr).toBe('');
  expect(stdout).toBe(`${JSON.stringify(report, null, 2)}\n`);
  expect(report).toMatchObject({ exitCode: code });
  if (isOfApply(report)) orderByIds(report.result);
  return steady(`${JSON.stringify(report, null, 2)}\n`, namesOf(world))
    .replace(`"version": "${version}"`, '"version": VERSION')
    .replace(/"runId": "[0-9a-f-]{36}"/, '"runId": UUID')
    .replaceAll(/"(\w+edAt)": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g, '"$1": MOMENT')
    .replaceAll(/"(durationMs|waitedForSourceMs|p50|p95|p99)": [\d.]+/g, '"$1": NUMBER');
}

function isOfApply(report: unknown): report is { result: ApplyResult } {
  return (
    typeof report === 'object' && report !== null && 'mode' in report && report.mode === 'apply' && hasResult(report)
  );
}

function hasResult(report: object): boolean {
  return 'result' in report && report.result !== null;
}

/** Which row was slowest is another one in each run; that the slowest comes first is not. */
function orderByIds({ slowest }: ApplyResult): void {
  expect(slowest).toEqual(slowest.toSorted((a, b) => b.durationMs - a.durationMs));
  slowest.sort((a, b) => (a.id < b.id ? -1 : 1));
}

test('of a dry run', async () => {
  expect(await reported('--dry-run')).toMatchInlineSnapshot(`
    "{
      "report": 1,
      "tool": {
        "name": "memory-backfill",
        "version": VERSION
      },
      "mode": "dry-run",
      "runId": UUID,
      "startedAt": MOMENT,
      "endedAt": MOMENT,
      "durationMs": NUMBER,
      "source": {
        "address": "POSTGRES/DATABASE",
        "schema": "public",
        "hasEmbedding": false,
        "hasTag": true
      },
      "plugin": {
        "url": "http://PLUGIN",
        "status": "ok",
        "version": "quirky 1",
        "capabilities": [
          "fts",
          "ttl",
          "pin",
          "propagation",
          "embedding"
        ]
      },
      "ledger": null,
      "settings": {
        "workspace": null,
        "limit": null,
        "teamLevel": null,
        "removedWorkspaces": "skip",
        "onConflict": "keep",
        "retryFailed": null
      },
      "result": {
        "mode": "dry-run",
        "scanned": 8,
        "changes": {
          "new": 4,
          "changed": 0,
          "failed": 0,
          "recorded": 0,
          "adopted": 0,
          "conflict": 0,
          "drift": 0
        },
        "skipped": {
          "accepted": 0,
          "no-workspace": 1,
          "unknown-scope": 0,
          "workspace-cycle": 0,
          "global-from-non-root": 1,
          "workspace-removed": 1,
          "empty-content": 1
        },
        "vanished": 0,
        "noted": [],
        "failures": [],
        "bytes": 111,
        "byScope": [
          {
            "scope": "LOCAL",
            "kind": "workspace",
            "rows": 2,
            "namespaces": 2,
            "bytes": 61
          },
          {
            "scope": "TEAM",
            "kind": "team",
            "rows": 1,
            "namespaces": 1,
            "bytes": 25
          },
          {
            "scope": "GLOBAL",
            "kind": "org",
            "rows": 1,
            "namespaces": 1,
            "bytes": 25
          }
        ],
        "samples": [
          {
            "id": "0000000a-0000-4000-8000-000000000005",
            "scope": "LOCAL",
            "namespace": "workspace:0000000b-0000-4000-8000-000000000001"
          },
          {
            "id": "0000000a-0000-4000-8000-000000000006",
            "scope": "LOCAL",
            "namespace": "workspace:0000000b-0000-4000-8000-000000000002"
          },
          {
            "id": "0000000a-0000-4000-8000-000000000007",
            "scope": "TEAM",
            "namespace": "team:0000000b-0000-4000-8000-000000000001"
          },
          {
            "id": "0000000a-0000-4000-8000-000000000008",
            "scope": "GLOBAL",
            "namespace": "org:0000000b-0000-4000-8000-000000000001"
          }
        ],
        "planFile": null
      },
      "traffic": {
        "getHealth": {
          "attempts": 1,
          "successes": 1,
          "retries": 0,
          "failures": {}
        },
        "searchMemories": {
          "attempts": 1,
          "successes": 1,
          "retries": 0,
          "failures": {}
        }
      },
      "notices": [],
      "interruptedBy": null,
      "timeUp": false,
      "error": null,
      "exitCode": 0
    }
    "
  `);
});

test('of an apply', async () => {
  expect(await reported('--apply')).toMatchInlineSnapshot(`
    "{
      "report": 1,
      "tool": {
        "name": "memory-backfill",
        "version": VERSION
      },
      "mode": "apply",
      "runId": UUID,
      "startedAt": MOMENT,
      "endedAt": MOMENT,
      "durationMs": NUMBER,
      "source": {
        "address": "POSTGRES/DATABASE",
        "schema": "public",
        "hasEmbedding": false,
        "hasTag": true
      },
      "plugin": {
        "url": "http://PLUGIN",
        "status": "ok",
        "version": "quirky 1",
        "capabilities": [
          "fts",
          "ttl",
          "pin",
          "propagation",
          "embedding"
        ]
      },
      "ledger": "POSTGRES/DATABASE",
      "settings": {
        "workspace": null,
        "limit": null,
        "teamLevel": null,
        "removedWorkspaces": "skip",
        "onConflict": "keep",
        "retryFailed": null
      },
      "result": {
        "mode": "apply",
        "scanned": 8,
        "written": 4,
        "changes": {
          "new": 4,
          "changed": 0
        },
        "adopted": 0,
        "recorded": 0,
        "conflicts": 0,
        "drifts": 0,
        "skipped": {
          "accepted": 0,
          "no-workspace": 1,
          "unknown-scope": 0,
          "workspace-cycle": 0,
          "global-from-non-root": 1,
          "workspace-removed": 1,
          "empty-content": 1
        },
        "vanished": 0,
        "failed": 0,
        "noted": [],
        "failures": [],
        "latency": {
          "count": 8,
          "p50": NUMBER,
          "p95": NUMBER,
          "p99": NUMBER
        },
        "slowest": [
          {
            "id": "0000000a-0000-4000-8000-000000000005",
            "namespace": "workspace:0000000b-0000-4000-8000-000000000001",
            "durationMs": NUMBER,
            "attempts": 2
          },
          {
            "id": "0000000a-0000-4000-8000-000000000006",
            "namespace": "workspace:0000000b-0000-4000-8000-000000000002",
            "durationMs": NUMBER,
            "attempts": 2
          },
          {
            "id": "0000000a-0000-4000-8000-000000000007",
            "namespace": "team:0000000b-0000-4000-8000-000000000001",
            "durationMs": NUMBER,
            "attempts": 2
          },
          {
            "id": "0000000a-0000-4000-8000-000000000008",
            "namespace": "org:0000000b-0000-4000-8000-000000000001",
            "durationMs": NUMBER,
            "attempts": 2
          }
        ],
        "namespacesCreated": 4,
        "pace": {
          "concurrency": 1,
          "adaptive": false,
          "waitedForSourceMs": NUMBER
        },
        "bytes": 111,
        "limitReached": false,
        "resumeWith": null
      },
      "traffic": {
        "getHealth": {
          "attempts": 1,
          "successes": 1,
          "retries": 0,
          "failures": {}
        },
        "searchMemories": {
          "attempts": 5,
          "successes": 5,
          "retries": 0,
          "failures": {}
        },
        "upsertNamespace": {
          "attempts": 6,
          "successes": 6,
          "retries": 0,
          "failures": {}
        },
        "commitMemory": {
          "attempts": 11,
          "successes": 7,
          "retries": 0,
          "failures": {
            "404 not_found": 4
          }
        },
        "deleteNamespace": {
          "attempts": 1,
          "successes": 1,
          "retries": 0,
          "failures": {}
        }
      },
      "notices": [],
      "interruptedBy": null,
      "timeUp": false,
      "error": null,
      "exitCode": 0
    }
    "
  `);
});

test('of a verify', async () => {
  await damageCopy(tree, world.plugin);
  expect(await reported('--verify', '--seed', 'spring')).toMatchInlineSnapshot(`
    "{
      "report": 1,
      "tool": {
        "name": "memory-backfill",
        "version": VERSION
      },
      "mode": "verify",
      "runId": UUID,
      "startedAt": MOMENT,
      "endedAt": MOMENT,
      "durationMs": NUMBER,
      "source": {
        "address": "POSTGRES/DATABASE",
        "schema": "public",
        "hasEmbedding": false,
        "hasTag": true
      },
      "plugin": {
        "url": "http://PLUGIN",
        "status": "ok",
        "version": "quirky 1",
        "capabilities": [
          "fts",
          "ttl",
          "pin",
          "propagation",
          "embedding"
        ]
      },
      "ledger": "POSTGRES/DATABASE",
      "settings": {
        "workspace": null,
        "limit": null,
        "teamLevel": null,
        "removedWorkspaces": "skip",
        "onConflict": "keep",
        "retryFailed": null
      },
      "result": {
        "mode": "verify",
        "seed": "spring",
        "seedMemory": {
          "seed": "fresh"
        },
        "asked": {
          "sample": 50
        },
        "population": 3,
        "workspaces": {
          "sampled": 3,
          "empty": 1,
          "matches": 1,
          "mismatches": 2,
          "unproven": 0,
          "errors": 0,
          "unchecked": 0
        },
        "findings": {
          "leak": 1,
          "missing": 1,
          "content": 1,
          "misplaced": 0,
          "duplicate": 0,
          "fields": 0,
          "vanishing": 0,
          "unproven": 0
        },
        "listed": [
          {
            "kind": "leak",
            "id": "0000000a-0000-4000-8000-00000000000a",
            "foundAs": null,
            "workspaceId": "0000000b-0000-4000-8000-000000000003",
            "namespace": null,
            "foundIn": "team:0000000b-0000-4000-8000-000000000001",
            "evidence": "id",
            "writtenBy": null,
            "sentence": "was to be skipped (workspace-removed), but team:0000000b-0000-4000-8000-000000000001 shows it",
            "next": "Take it away before anybody else reads it: mend it with --apply --repair and the JSON report of a verify (--json).",
            "digests": {
              "expected": "DIGEST",
              "found": "DIGEST"
            }
          },
          {
            "kind": "missing",
            "id": "0000000a-0000-4000-8000-000000000006",
            "foundAs": null,
            "workspaceId": "0000000b-0000-4000-8000-000000000002",
            "namespace": "workspace:0000000b-0000-4000-8000-000000000002",
            "foundIn": null,
            "evidence": "id",
            "writtenBy": "RUN",
            "sentence": "is not in the plugin",
            "next": "The ledger has it as written by run RUN: it was forgotten since, or lost. If it is to be there, mend it with --apply --repair and the JSON report of a verify (--json) and --include-acknowledged; if not, give it up by name with --accept.",
            "digests": {
              "expected": "DIGEST",
              "found": null
            }
          },
          {
            "kind": "content",
            "id": "0000000a-0000-4000-8000-000000000008",
            "foundAs": null,
            "workspaceId": "0000000b-0000-4000-8000-000000000001",
            "namespace": "org:0000000b-0000-4000-8000-000000000001",
            "foundIn": "org:0000000b-0000-4000-8000-000000000001",
            "evidence": "id",
            "writtenBy": "RUN",
            "sentence": "has another content, from character 16 on",
            "next": "The ledger has it as written by run RUN: one of the two was edited since. If the source was, --apply sends it (where both were, that is a conflict, and --on-conflict overwrite decides); if the plugin was and the source is to win, mend it with --apply --repair and the JSON report of a verify (--json) and --include-acknowledged; if the plugin is to win, correct the row in the source.",
            "digests": {
              "expected": "DIGEST",
              "found": "DIGEST"
            }
          }
        ],
        "errors": [],
        "judged": [
          {
            "id": "0000000b-0000-4000-8000-000000000001",
            "verdict": "mismatches",
            "rows": 2
          },
          {
            "id": "0000000b-0000-4000-8000-000000000002",
            "verdict": "mismatches",
            "rows": 4
          },
          {
            "id": "0000000b-0000-4000-8000-000000000004",
            "verdict": "matches",
            "rows": 0
          }
        ],
        "confidence": null,
        "rows": {
          "compared": 4,
          "matched": 2,
          "skipped": {
            "accepted": 0,
            "no-workspace": 0,
            "unknown-scope": 0,
            "workspace-cycle": 0,
            "global-from-non-root": 1,
            "workspace-removed": 0,
            "empty-content": 1
          },
          "absenceUnproven": 0,
          "vanished": 0,
          "extra": 0,
          "copiesUnseen": 0
        },
        "hunt": {
          "listed": 8,
          "probed": 0,
          "uncovered": 0,
          "known": 8,
          "rows": {
            "probed": 0,
            "unsearchable": 0
          },
          "finished": true
        },
        "accepted": [],
        "acceptedFindings": 0,
        "allowUnproven": null,
        "failOnSkipped": false,
        "emptyAllowed": false,
        "snapshot": null
      },
      "traffic": {
        "getHealth": {
          "attempts": 1,
          "successes": 1,
          "retries": 0,
          "failures": {}
        },
        "searchMemories": {
          "attempts": 10,
          "successes": 10,
          "retries": 0,
          "failures": {}
        }
      },
      "notices": [],
      "interruptedBy": null,
      "timeUp": false,
      "error": null,
      "exitCode": 1
    }
    "
  `);
});

test('of a run that ended before it began', async () => {
  await world.plugin.setQuirks(['not-a-plugin']);
  expect(await reported('--apply')).toMatchInlineSnapshot(`
    "{
      "report": 1,
      "tool": {
        "name": "memory-backfill",
        "version": VERSION
      },
      "mode": "apply",
      "runId": UUID,
      "startedAt": MOMENT,
      "endedAt": MOMENT,
      "durationMs": NUMBER,
      "source": null,
      "plugin": null,
      "ledger": null,
      "settings": {
        "workspace": null,
        "limit": null,
        "teamLevel": null,
        "removedWorkspaces": "skip",
        "onConflict": "keep",
        "retryFailed": null
      },
      "result": null,
      "traffic": {
        "getHealth": {
          "attempts": 1,
          "successes": 0,
          "retries": 0,
          "failures": {
            "200 malformed": 1
          }
        }
      },
      "notices": [],
      "interruptedBy": null,
      "timeUp": false,
      "error": {
        "code": "plugin",
        "message": "What MEMORY_PLUGIN_URL names (http://PLUGIN) is no memory plugin: The plugin answered 200, but with a body of type text/html; charset=utf-8."
      },
      "exitCode": 3
    }
    "
  `);
});

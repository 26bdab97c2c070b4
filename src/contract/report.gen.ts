// Generated from the type Report in src/model/run.ts by scripts/generate.ts; do not edit. `npm run generate` makes it anew.

export const reportSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id": "urn:memory-backfill:report:v1",
  "title": "Report of memory-backfill, version 1",
  "description": "What --json prints, of every mode: what a run was asked, what it did or found, and the exit code that follows. Times are in ISO 8601 and UTC, durations in milliseconds. A change that breaks readers raises \"report\".",
  "type": "object",
  "properties": {
    "report": {
      "type": "number",
      "const": 1,
      "description": "The version of this shape."
    },
    "tool": {
      "type": "object",
      "properties": {
        "name": {
          "type": "string"
        },
        "version": {
          "type": "string"
        }
      },
      "required": ["name", "version"],
      "additionalProperties": false
    },
    "mode": {
      "$ref": "#/definitions/Mode"
    },
    "runId": {
      "type": "string"
    },
    "startedAt": {
      "type": "string"
    },
    "endedAt": {
      "type": "string"
    },
    "durationMs": {
      "type": "number"
    },
    "source": {
      "anyOf": [
        {
          "$ref": "#/definitions/SourceFacts"
        },
        {
          "type": "null"
        }
      ]
    },
    "plugin": {
      "anyOf": [
        {
          "$ref": "#/definitions/PluginFacts"
        },
        {
          "type": "null"
        }
      ]
    },
    "ledger": {
      "type": ["string", "null"],
      "description": "Where the ledger is, without credentials; null where none is kept."
    },
    "settings": {
      "$ref": "#/definitions/RunSettings",
      "description": "The flags that decide which rows are taken and where they go."
    },
    "result": {
      "anyOf": [
        {
          "$ref": "#/definitions/Result"
        },
        {
          "type": "null"
        }
      ],
      "description": "Null where the run ended before there was anything to say."
    },
    "traffic": {
      "$ref": "#/definitions/Traffic"
    },
    "notices": {
      "type": "array",
      "items": {
        "type": "string"
      },
      "description": "What the operator should know, and what is no failure."
    },
    "interruptedBy": {
      "anyOf": [
        {
          "$ref": "#/definitions/Interruption"
        },
        {
          "type": "null"
        }
      ]
    },
    "timeUp": {
      "type": "boolean",
      "description": "The time of --max-duration was up."
    },
    "error": {
      "anyOf": [
        {
          "type": "object",
          "properties": {
            "code": {
              "anyOf": [
                {
                  "$ref": "#/definitions/RunErrorCode"
                },
                {
                  "type": "string",
                  "const": "internal"
                }
              ]
            },
            "message": {
              "type": "string"
            }
          },
          "required": ["code", "message"],
          "additionalProperties": false
        },
        {
          "type": "null"
        }
      ],
      "description": "What ended the run before its end."
    },
    "exitCode": {
      "type": "number"
    }
  },
  "required": [
    "report",
    "tool",
    "mode",
    "runId",
    "startedAt",
    "endedAt",
    "durationMs",
    "source",
    "plugin",
    "ledger",
    "settings",
    "result",
    "traffic",
    "notices",
    "interruptedBy",
    "timeUp",
    "error",
    "exitCode"
  ],
  "additionalProperties": false,
  "definitions": {
    "Mode": {
      "type": "string",
      "enum": ["preflight", "dry-run", "apply", "verify", "status", "rollback", "check-receipt"],
      "description": "What a run was asked to do: plain data."
    },
    "SourceFacts": {
      "type": "object",
      "properties": {
        "address": {
          "type": "string",
          "description": "Host, port and database, without credentials."
        },
        "schema": {
          "type": "string"
        },
        "hasEmbedding": {
          "type": "boolean"
        },
        "hasTag": {
          "type": "boolean"
        }
      },
      "required": ["address", "schema", "hasEmbedding", "hasTag"],
      "additionalProperties": false
    },
    "PluginFacts": {
      "type": "object",
      "properties": {
        "url": {
          "type": "string",
          "description": "The base URL, without credentials."
        },
        "status": {
          "type": "string",
          "enum": ["ok", "degraded"]
        },
        "version": {
          "type": "string"
        },
        "capabilities": {
          "type": "array",
          "items": {
            "type": "string"
          }
        }
      },
      "required": ["url", "status", "version", "capabilities"],
      "additionalProperties": false
    },
    "RunSettings": {
      "type": "object",
      "properties": {
        "workspace": {
          "type": ["string", "null"]
        },
        "limit": {
          "type": ["number", "null"]
        },
        "teamLevel": {
          "anyOf": [
            {
              "$ref": "#/definitions/TeamLevel"
            },
            {
              "type": "null"
            }
          ]
        },
        "removedWorkspaces": {
          "type": "string",
          "enum": ["skip", "copy"]
        },
        "onConflict": {
          "type": "string",
          "enum": ["keep", "overwrite"],
          "description": "What an apply does with a row that the plugin holds otherwise than this tool wrote it."
        },
        "retryFailed": {
          "anyOf": [
            {
              "type": "string",
              "const": "all"
            },
            {
              "type": "object",
              "properties": {
                "run": {
                  "type": "string"
                }
              },
              "required": ["run"],
              "additionalProperties": false
            },
            {
              "type": "null"
            }
          ],
          "description": "Take the recorded failures alone: of the pair's every run, or of one."
        }
      },
      "required": ["workspace", "limit", "teamLevel", "removedWorkspaces", "onConflict", "retryFailed"],
      "additionalProperties": false
    },
    "TeamLevel": {
      "type": "string",
      "enum": ["parent", "root"]
    },
    "Result": {
      "anyOf": [
        {
          "$ref": "#/definitions/DryRunResult"
        },
        {
          "$ref": "#/definitions/ApplyResult"
        },
        {
          "$ref": "#/definitions/VerifyResult"
        },
        {
          "$ref": "#/definitions/PreflightResult"
        },
        {
          "$ref": "#/definitions/StatusResult"
        },
        {
          "$ref": "#/definitions/RollbackResult"
        },
        {
          "$ref": "#/definitions/RepairResult"
        },
        {
          "$ref": "#/definitions/CheckReceiptResult"
        }
      ]
    },
    "DryRunResult": {
      "type": "object",
      "properties": {
        "mode": {
          "type": "string",
          "const": "dry-run"
        },
        "scanned": {
          "type": "number"
        },
        "changes": {
          "$ref": "#/definitions/PlannedChanges"
        },
        "skipped": {
          "$ref": "#/definitions/SkipCounts"
        },
        "vanished": {
          "type": "number"
        },
        "noted": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/NotedRow"
          },
          "description": "Conflicts and drifts, at most 1,000; `changes` counts them all."
        },
        "failures": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/FailureGroup"
          },
          "description": "Rows of which the plugin could not be asked, by reason."
        },
        "bytes": {
          "type": "number",
          "description": "UTF-8 bytes of content that would be sent."
        },
        "byScope": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/ScopeCount"
          }
        },
        "samples": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "id": {
                "type": "string"
              },
              "scope": {
                "$ref": "#/definitions/Scope"
              },
              "namespace": {
                "type": "string"
              }
            },
            "required": ["id", "scope", "namespace"],
            "additionalProperties": false
          },
          "description": "At most ten."
        },
        "planFile": {
          "type": ["string", "null"],
          "description": "The file that holds the whole plan, where one was asked for."
        }
      },
      "required": [
        "mode",
        "scanned",
        "changes",
        "skipped",
        "vanished",
        "noted",
        "failures",
        "bytes",
        "byScope",
        "samples",
        "planFile"
      ],
      "additionalProperties": false
    },
    "PlannedChanges": {
      "type": "object",
      "properties": {
        "new": {
          "type": "number"
        },
        "changed": {
          "type": "number"
        },
        "recorded": {
          "type": "number"
        },
        "adopted": {
          "type": "number"
        },
        "conflict": {
          "type": "number"
        },
        "drift": {
          "type": "number"
        },
        "failed": {
          "type": "number",
          "description": "Rows of which the plugin could not be asked."
        }
      },
      "required": ["new", "changed", "recorded", "adopted", "conflict", "drift", "failed"],
      "additionalProperties": false,
      "description": "What an apply would do with the rows that have a place in the plugin."
    },
    "SkipCounts": {
      "type": "object",
      "properties": {
        "accepted": {
          "type": "number"
        },
        "no-workspace": {
          "type": "number"
        },
        "unknown-scope": {
          "type": "number"
        },
        "workspace-cycle": {
          "type": "number"
        },
        "global-from-non-root": {
          "type": "number"
        },
        "workspace-removed": {
          "type": "number"
        },
        "empty-content": {
          "type": "number"
        }
      },
      "required": [
        "accepted",
        "no-workspace",
        "unknown-scope",
        "workspace-cycle",
        "global-from-non-root",
        "workspace-removed",
        "empty-content"
      ],
      "additionalProperties": false
    },
    "NotedRow": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "kind": {
          "type": "string",
          "enum": ["conflict", "drift"]
        },
        "detail": {
          "type": "string",
          "description": "Of a conflict: why; of a drift: the namespace in which the row was left."
        },
        "id": {
          "type": "string"
        },
        "namespace": {
          "type": ["string", "null"]
        },
        "sentence": {
          "type": "string"
        }
      },
      "required": ["detail", "id", "kind", "namespace", "sentence"],
      "description": "A row that needs the operator's eye: a conflict, or a drift."
    },
    "FailureGroup": {
      "type": "object",
      "properties": {
        "reason": {
          "type": "string"
        },
        "count": {
          "type": "number"
        },
        "examples": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "id": {
                "type": "string"
              },
              "namespace": {
                "type": "string"
              },
              "sentence": {
                "type": "string"
              }
            },
            "required": ["id", "namespace", "sentence"],
            "additionalProperties": false
          },
          "description": "At most ten rows, the first that failed for this reason."
        }
      },
      "required": ["reason", "count", "examples"],
      "additionalProperties": false
    },
    "ScopeCount": {
      "type": "object",
      "properties": {
        "scope": {
          "$ref": "#/definitions/Scope"
        },
        "kind": {
          "$ref": "#/definitions/NamespaceKind"
        },
        "rows": {
          "type": "number"
        },
        "namespaces": {
          "type": "number",
          "description": "How many different namespaces these rows go to."
        },
        "bytes": {
          "type": "number",
          "description": "UTF-8 bytes of the rows' content."
        }
      },
      "required": ["scope", "kind", "rows", "namespaces", "bytes"],
      "additionalProperties": false
    },
    "Scope": {
      "type": "string",
      "enum": ["LOCAL", "TEAM", "GLOBAL"]
    },
    "NamespaceKind": {
      "type": "string",
      "enum": ["workspace", "team", "org"]
    },
    "ApplyResult": {
      "type": "object",
      "properties": {
        "mode": {
          "type": "string",
          "const": "apply"
        },
        "scanned": {
          "type": "number"
        },
        "written": {
          "type": "number"
        },
        "changes": {
          "type": "object",
          "properties": {
            "new": {
              "type": "number"
            },
            "changed": {
              "type": "number"
            }
          },
          "required": ["new", "changed"],
          "additionalProperties": false,
          "description": "The written rows by why they were written."
        },
        "adopted": {
          "type": "number"
        },
        "recorded": {
          "type": "number"
        },
        "conflicts": {
          "type": "number"
        },
        "drifts": {
          "type": "number"
        },
        "skipped": {
          "$ref": "#/definitions/SkipCounts"
        },
        "vanished": {
          "type": "number"
        },
        "failed": {
          "type": "number"
        },
        "noted": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/NotedRow"
          },
          "description": "Conflicts and drifts, at most 1,000; the counts count them all."
        },
        "failures": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/FailureGroup"
          }
        },
        "latency": {
          "anyOf": [
            {
              "$ref": "#/definitions/Latency"
            },
            {
              "type": "null"
            }
          ],
          "description": "Of the requests that carried rows, each attempt by itself; null where there was none."
        },
        "slowest": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "id": {
                "type": "string"
              },
              "namespace": {
                "type": "string"
              },
              "durationMs": {
                "type": "number"
              },
              "attempts": {
                "type": "number"
              }
            },
            "required": ["id", "namespace", "durationMs", "attempts"],
            "additionalProperties": false
          },
          "description": "At most five, the slowest first: from the first request for a row to its acknowledgement."
        },
        "namespacesCreated": {
          "type": "number"
        },
        "pace": {
          "$ref": "#/definitions/Pace"
        },
        "bytes": {
          "type": "number",
          "description": "UTF-8 bytes of content that the plugin acknowledged."
        },
        "limitReached": {
          "type": "boolean",
          "description": "True where `--limit` ended the run before the source did."
        },
        "resumeWith": {
          "type": ["string", "null"],
          "description": "The command that goes on where this run stopped; null where all that was asked is done."
        }
      },
      "required": [
        "mode",
        "scanned",
        "written",
        "changes",
        "adopted",
        "recorded",
        "conflicts",
        "drifts",
        "skipped",
        "vanished",
        "failed",
        "noted",
        "failures",
        "latency",
        "slowest",
        "namespacesCreated",
        "pace",
        "bytes",
        "limitReached",
        "resumeWith"
      ],
      "additionalProperties": false
    },
    "Latency": {
      "type": "object",
      "properties": {
        "count": {
          "type": "number"
        },
        "p50": {
          "type": "number"
        },
        "p95": {
          "type": "number"
        },
        "p99": {
          "type": "number"
        }
      },
      "required": ["count", "p50", "p95", "p99"],
      "additionalProperties": false,
      "description": "How long something took, in milliseconds."
    },
    "Pace": {
      "type": "object",
      "properties": {
        "concurrency": {
          "type": "number",
          "description": "Requests that were allowed to be under way when the last row went out."
        },
        "adaptive": {
          "type": "boolean",
          "description": "That number was found by measuring; else it was given."
        },
        "waitedForSourceMs": {
          "type": "number",
          "description": "Milliseconds in which rows could have been sent, and the source had not delivered any."
        }
      },
      "required": ["concurrency", "adaptive", "waitedForSourceMs"],
      "additionalProperties": false,
      "description": "How fast the rows went out, and what set the pace."
    },
    "VerifyResult": {
      "type": "object",
      "properties": {
        "mode": {
          "type": "string",
          "const": "verify"
        },
        "seed": {
          "type": ["string", "null"],
          "description": "The seed that draws the same sample again; null where nothing was drawn by lot."
        },
        "seedMemory": {
          "$ref": "#/definitions/SeedMemory"
        },
        "asked": {
          "anyOf": [
            {
              "type": "object",
              "properties": {
                "workspace": {
                  "type": "string"
                }
              },
              "required": ["workspace"],
              "additionalProperties": false
            },
            {
              "type": "object",
              "properties": {
                "sample": {
                  "anyOf": [
                    {
                      "type": "number"
                    },
                    {
                      "type": "string",
                      "const": "all"
                    }
                  ]
                }
              },
              "required": ["sample"],
              "additionalProperties": false
            }
          ]
        },
        "population": {
          "type": "number",
          "description": "Workspaces that the sample was drawn from."
        },
        "workspaces": {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "sampled": {
              "type": "number"
            },
            "empty": {
              "type": "number"
            },
            "matches": {
              "type": "number"
            },
            "mismatches": {
              "type": "number"
            },
            "unproven": {
              "type": "number"
            },
            "errors": {
              "type": "number"
            },
            "unchecked": {
              "type": "number"
            }
          },
          "required": ["empty", "errors", "matches", "mismatches", "sampled", "unchecked", "unproven"],
          "description": "Every sampled workspace counts once: as a mismatch, else an error, else unproven, else unchecked (the run ended before its turn), else a match. Matches include the empty ones."
        },
        "confidence": {
          "anyOf": [
            {
              "$ref": "#/definitions/Confidence"
            },
            {
              "type": "null"
            }
          ],
          "description": "Null where the sample proves nothing, or nothing was drawn by lot."
        },
        "rows": {
          "type": "object",
          "properties": {
            "compared": {
              "type": "number"
            },
            "matched": {
              "type": "number"
            },
            "skipped": {
              "type": "object",
              "properties": {
                "accepted": {
                  "type": "number"
                },
                "no-workspace": {
                  "type": "number"
                },
                "unknown-scope": {
                  "type": "number"
                },
                "workspace-cycle": {
                  "type": "number"
                },
                "global-from-non-root": {
                  "type": "number"
                },
                "workspace-removed": {
                  "type": "number"
                },
                "empty-content": {
                  "type": "number"
                }
              },
              "required": [
                "accepted",
                "no-workspace",
                "unknown-scope",
                "workspace-cycle",
                "global-from-non-root",
                "workspace-removed",
                "empty-content"
              ],
              "additionalProperties": false
            },
            "absenceUnproven": {
              "type": "number",
              "description": "Of the skipped rows, those that search could neither find nor show to be absent."
            },
            "vanished": {
              "type": "number"
            },
            "extra": {
              "type": "number",
              "description": "Memories of the plugin that are nothing of the source's."
            },
            "copiesUnseen": {
              "type": "number",
              "description": "Of the rows that match in full namespaces, those beside which a copy could stand that search does not show."
            }
          },
          "required": ["compared", "matched", "skipped", "absenceUnproven", "vanished", "extra", "copiesUnseen"],
          "additionalProperties": false
        },
        "hunt": {
          "$ref": "#/definitions/Hunt"
        },
        "findings": {
          "type": "object",
          "properties": {
            "leak": {
              "type": "number"
            },
            "missing": {
              "type": "number"
            },
            "content": {
              "type": "number"
            },
            "misplaced": {
              "type": "number"
            },
            "duplicate": {
              "type": "number"
            },
            "fields": {
              "type": "number"
            },
            "vanishing": {
              "type": "number"
            },
            "unproven": {
              "type": "number"
            }
          },
          "required": ["leak", "missing", "content", "misplaced", "duplicate", "fields", "vanishing", "unproven"],
          "additionalProperties": false
        },
        "accepted": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "description": "Ids of the operator's file, in its order."
        },
        "acceptedFindings": {
          "type": "number",
          "description": "Findings of `text` that the operator's file accepts by the memory's id."
        },
        "listed": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/Finding"
          },
          "description": "At most 1,000, the gravest first; `findings` counts them all."
        },
        "errors": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/WorkspaceError"
          },
          "description": "At most 100; `workspaces.errors` counts them all."
        },
        "judged": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/JudgedWorkspace"
          },
          "description": "Every sampled workspace, in the order of their ids; at most 10,000."
        },
        "allowUnproven": {
          "type": ["number", "null"],
          "description": "How many unproven rows are let pass; null where none is."
        },
        "failOnSkipped": {
          "type": "boolean"
        },
        "emptyAllowed": {
          "type": "boolean",
          "description": "True where an empty comparison was allowed to pass."
        },
        "snapshot": {
          "anyOf": [
            {
              "type": "object",
              "additionalProperties": false,
              "properties": {
                "moved": {
                  "type": "boolean"
                },
                "at": {
                  "type": "string",
                  "description": "When it was taken, by the database's clock, in ISO 8601 and UTC."
                },
                "rows": {
                  "type": "number"
                },
                "workspaces": {
                  "type": "number"
                },
                "digest": {
                  "type": "string",
                  "description": "The sum of all rows' digests and that of the workspaces, 64 hexadecimal digits each."
                }
              },
              "required": ["at", "digest", "moved", "rows", "workspaces"]
            },
            {
              "type": "null"
            }
          ],
          "description": "The source when the verify began, and whether it was another at its end; null where no receipt was asked for."
        }
      },
      "required": [
        "mode",
        "seed",
        "seedMemory",
        "asked",
        "population",
        "workspaces",
        "confidence",
        "rows",
        "hunt",
        "findings",
        "accepted",
        "acceptedFindings",
        "listed",
        "errors",
        "judged",
        "allowUnproven",
        "failOnSkipped",
        "emptyAllowed",
        "snapshot"
      ],
      "additionalProperties": false
    },
    "SeedMemory": {
      "anyOf": [
        {
          "type": "object",
          "properties": {
            "seed": {
              "type": "string",
              "const": "fresh"
            }
          },
          "required": ["seed"],
          "additionalProperties": false
        },
        {
          "type": "object",
          "properties": {
            "seed": {
              "type": "string",
              "const": "failed"
            },
            "at": {
              "type": "string"
            }
          },
          "required": ["seed", "at"],
          "additionalProperties": false
        },
        {
          "type": "object",
          "properties": {
            "seed": {
              "type": "string",
              "const": "unknown"
            }
          },
          "required": ["seed"],
          "additionalProperties": false
        }
      ],
      "description": "How an earlier verify with the same seed came out, by the ledger."
    },
    "Confidence": {
      "type": "object",
      "properties": {
        "level": {
          "type": "number",
          "description": "0.95: how sure the bound is."
        },
        "fewerThan": {
          "type": "number",
          "description": "With that confidence, fewer workspaces than this have a mismatch."
        },
        "wouldProve": {
          "anyOf": [
            {
              "type": "object",
              "properties": {
                "sample": {
                  "type": "number"
                },
                "percent": {
                  "type": "number"
                }
              },
              "required": ["sample", "percent"],
              "additionalProperties": false
            },
            {
              "type": "null"
            }
          ],
          "description": "How many would have to be sampled, all of them clean, to prove fewer than this share; null where the sample did."
        }
      },
      "required": ["level", "fewerThan", "wouldProve"],
      "additionalProperties": false,
      "description": "What a sample proves of all workspaces that it was drawn from: an exact bound of the hypergeometric distribution."
    },
    "Hunt": {
      "type": "object",
      "properties": {
        "listed": {
          "type": "number",
          "description": "Namespaces of which a listing showed everything."
        },
        "probed": {
          "type": "number",
          "description": "Fuller ones, in which rows were looked for by their words."
        },
        "uncovered": {
          "type": "number",
          "description": "Fuller ones in which search proves nothing, or that could not be asked."
        },
        "known": {
          "type": "number",
          "description": "Namespaces that the plugin could hold, by the tree of workspaces."
        },
        "finished": {
          "type": "boolean",
          "description": "It came to its end."
        },
        "rows": {
          "type": "object",
          "properties": {
            "probed": {
              "type": "number"
            },
            "unsearchable": {
              "type": "number"
            }
          },
          "required": ["probed", "unsearchable"],
          "additionalProperties": false,
          "description": "Rows that were looked for by their words in the fuller namespaces, and those that have none that could be."
        }
      },
      "required": ["listed", "probed", "uncovered", "known", "finished", "rows"],
      "additionalProperties": false,
      "description": "Where copies were looked for that belong elsewhere, apart from the verdict on the rows."
    },
    "Finding": {
      "type": "object",
      "properties": {
        "kind": {
          "$ref": "#/definitions/FindingKind"
        },
        "id": {
          "type": "string",
          "description": "The row's id in the source."
        },
        "foundAs": {
          "type": ["string", "null"],
          "description": "The memory's id in the plugin, where that is another."
        },
        "workspaceId": {
          "type": ["string", "null"]
        },
        "namespace": {
          "type": ["string", "null"],
          "description": "Where the row belongs; null where it belongs nowhere."
        },
        "foundIn": {
          "type": ["string", "null"],
          "description": "Where it was found; null where it was not."
        },
        "evidence": {
          "$ref": "#/definitions/Evidence"
        },
        "writtenBy": {
          "type": ["string", "null"],
          "description": "The run that put it into the plugin, by the ledger; null where none is known."
        },
        "sentence": {
          "type": "string",
          "description": "What follows the id: \"is not in the plugin\". Without content."
        },
        "next": {
          "type": "string",
          "description": "What the operator can do about it."
        },
        "digests": {
          "type": "object",
          "properties": {
            "expected": {
              "type": ["string", "null"]
            },
            "found": {
              "type": ["string", "null"]
            }
          },
          "required": ["expected", "found"],
          "additionalProperties": false,
          "description": "Keyed digests of both contents, which tell whether two are the same and nothing else; null where there is none."
        },
        "excerpts": {
          "type": "object",
          "properties": {
            "expected": {
              "type": "string"
            },
            "found": {
              "type": "string"
            }
          },
          "additionalProperties": false,
          "description": "Content, for the terminal alone unless the operator asks for more."
        }
      },
      "required": [
        "kind",
        "id",
        "foundAs",
        "workspaceId",
        "namespace",
        "foundIn",
        "evidence",
        "writtenBy",
        "sentence",
        "next",
        "digests"
      ],
      "additionalProperties": false
    },
    "FindingKind": {
      "type": "string",
      "enum": ["leak", "missing", "content", "misplaced", "duplicate", "fields", "vanishing", "unproven"]
    },
    "Evidence": {
      "type": "string",
      "enum": ["id", "text"],
      "description": "How a memory was known to be the row's: by the id (its own, or what `propagation.backfill` says of it), or by its text alone, which two tenants may rightly share."
    },
    "WorkspaceError": {
      "type": "object",
      "properties": {
        "workspaceId": {
          "type": ["string", "null"]
        },
        "sentence": {
          "type": "string"
        }
      },
      "required": ["workspaceId", "sentence"],
      "additionalProperties": false
    },
    "JudgedWorkspace": {
      "type": "object",
      "properties": {
        "id": {
          "type": "string"
        },
        "verdict": {
          "$ref": "#/definitions/WorkspaceVerdict"
        },
        "rows": {
          "type": "number",
          "description": "Rows of its own that the source holds, skipped ones too."
        }
      },
      "required": ["id", "verdict", "rows"],
      "additionalProperties": false,
      "description": "One of the workspaces that were compared, for reports that list them."
    },
    "WorkspaceVerdict": {
      "type": "string",
      "enum": ["matches", "mismatches", "unproven", "errors", "unchecked"]
    },
    "PreflightResult": {
      "type": "object",
      "properties": {
        "mode": {
          "type": "string",
          "const": "preflight"
        },
        "checks": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/PreflightCheck"
          }
        }
      },
      "required": ["mode", "checks"],
      "additionalProperties": false
    },
    "PreflightCheck": {
      "type": "object",
      "properties": {
        "name": {
          "type": "string",
          "description": "A short, stable name: `health`, `upsert`, `read-after-write`."
        },
        "grade": {
          "$ref": "#/definitions/Grade"
        },
        "outcome": {
          "type": "string",
          "enum": ["passed", "failed", "not-announced", "unasked"],
          "description": "`unasked`: it could not be found out, because something before it failed, or because nobody answered."
        },
        "sentence": {
          "type": "string",
          "description": "What was seen, in one sentence."
        }
      },
      "required": ["name", "grade", "outcome", "sentence"],
      "additionalProperties": false
    },
    "Grade": {
      "type": "string",
      "enum": ["blocks", "warns"],
      "description": "A check that `blocks` must pass before anything is copied; one that `warns` is for the operator to weigh."
    },
    "StatusResult": {
      "anyOf": [
        {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "about": {
              "type": "string",
              "const": "runs"
            },
            "runs": {
              "type": "array",
              "items": {
                "$ref": "#/definitions/RunRecord"
              },
              "description": "The newest first."
            },
            "recorded": {
              "type": "number",
              "description": "Runs that the ledger holds, those that are not listed too."
            },
            "mode": {
              "type": "string",
              "const": "status"
            },
            "asOf": {
              "type": "string",
              "description": "The time at the ledger's database, by which \"running\" and \"ago\" are judged."
            }
          },
          "required": ["about", "asOf", "mode", "recorded", "runs"]
        },
        {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "about": {
              "type": "string",
              "const": "run"
            },
            "run": {
              "$ref": "#/definitions/RunRecord"
            },
            "overtaken": {
              "type": "boolean",
              "description": "A later run of the same source and plugin has begun: this one is not under way, whatever it says."
            },
            "failures": {
              "type": "array",
              "items": {
                "$ref": "#/definitions/OutcomeGroup"
              },
              "description": "What failed and was not made good in the same run, the most frequent reason first."
            },
            "left": {
              "type": "array",
              "items": {
                "$ref": "#/definitions/OutcomeGroup"
              },
              "description": "Likewise what was left as the plugin holds it: conflicts, and what a rollback kept."
            },
            "mode": {
              "type": "string",
              "const": "status"
            },
            "asOf": {
              "type": "string",
              "description": "The time at the ledger's database, by which \"running\" and \"ago\" are judged."
            }
          },
          "required": ["about", "asOf", "failures", "left", "mode", "overtaken", "run"]
        },
        {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "about": {
              "type": "string",
              "const": "memory"
            },
            "id": {
              "type": "string"
            },
            "entries": {
              "type": "array",
              "items": {
                "$ref": "#/definitions/ToldEntry"
              },
              "description": "Over all sources and plugins, the oldest first."
            },
            "mode": {
              "type": "string",
              "const": "status"
            },
            "asOf": {
              "type": "string",
              "description": "The time at the ledger's database, by which \"running\" and \"ago\" are judged."
            }
          },
          "required": ["about", "asOf", "entries", "id", "mode"]
        }
      ]
    },
    "RunRecord": {
      "type": "object",
      "properties": {
        "checkpoint": {
          "anyOf": [
            {
              "$ref": "#/definitions/Position"
            },
            {
              "type": "null"
            }
          ]
        },
        "horizon": {
          "anyOf": [
            {
              "$ref": "#/definitions/Position"
            },
            {
              "type": "null"
            }
          ]
        },
        "id": {
          "type": "string"
        },
        "mode": {
          "type": "string",
          "enum": ["apply", "rollback"]
        },
        "actor": {
          "$ref": "#/definitions/Actor"
        },
        "toolVersion": {
          "type": "string"
        },
        "settings": {
          "$ref": "#/definitions/RunSettings"
        },
        "watermark": {
          "anyOf": [
            {
              "$ref": "#/definitions/Position"
            },
            {
              "type": "null"
            }
          ],
          "description": "The last row that the run may take; null for an empty source, or a run that takes no rows from it."
        },
        "total": {
          "type": ["number", "null"],
          "description": "Rows that it may have to look at; null where that is not known."
        },
        "pair": {
          "$ref": "#/definitions/Pair"
        },
        "counts": {
          "$ref": "#/definitions/RunCounts"
        },
        "startedAt": {
          "type": "string"
        },
        "seenAt": {
          "type": "string",
          "description": "When it last wrote to the ledger."
        },
        "endedAt": {
          "type": ["string", "null"]
        },
        "ended": {
          "anyOf": [
            {
              "$ref": "#/definitions/RunEnd"
            },
            {
              "type": "null"
            }
          ],
          "description": "Null while it runs, and for ever where it died."
        },
        "exitCode": {
          "type": ["number", "null"],
          "description": "The exit code, and the signal if there was one."
        },
        "interruptedBy": {
          "anyOf": [
            {
              "$ref": "#/definitions/Interruption"
            },
            {
              "type": "null"
            }
          ]
        }
      },
      "required": [
        "actor",
        "checkpoint",
        "counts",
        "ended",
        "endedAt",
        "exitCode",
        "horizon",
        "id",
        "interruptedBy",
        "mode",
        "pair",
        "seenAt",
        "settings",
        "startedAt",
        "toolVersion",
        "total",
        "watermark"
      ],
      "additionalProperties": false
    },
    "Position": {
      "type": "object",
      "properties": {
        "createdAt": {
          "type": ["string", "null"]
        },
        "id": {
          "type": "string"
        }
      },
      "required": ["createdAt", "id"],
      "additionalProperties": false,
      "description": "A position in the source's order: by creation, rows without a creation time first, then by id."
    },
    "Actor": {
      "type": "object",
      "properties": {
        "userId": {
          "type": ["string", "null"]
        },
        "serviceId": {
          "type": ["string", "null"]
        }
      },
      "required": ["userId", "serviceId"],
      "additionalProperties": false,
      "description": "Who started a run: at most one of the two is set."
    },
    "Pair": {
      "type": "object",
      "properties": {
        "source": {
          "type": "string",
          "description": "Host, port, database and schema of the source, without credentials."
        },
        "plugin": {
          "type": "string",
          "description": "The plugin's URL, without credentials and without a slash at its end."
        }
      },
      "required": ["source", "plugin"],
      "additionalProperties": false
    },
    "RunCounts": {
      "type": "object",
      "properties": {
        "written": {
          "type": "number"
        },
        "adopted": {
          "type": "number"
        },
        "failed": {
          "type": "number"
        },
        "conflict": {
          "type": "number"
        },
        "drift": {
          "type": "number"
        },
        "skipped": {
          "type": "number"
        },
        "accepted": {
          "type": "number"
        },
        "vanished": {
          "type": "number"
        },
        "forgotten": {
          "type": "number"
        },
        "kept": {
          "type": "number"
        },
        "recorded": {
          "type": "number"
        }
      },
      "additionalProperties": false,
      "description": "Rows by what became of them."
    },
    "RunEnd": {
      "type": "string",
      "enum": ["done", "findings", "incomplete", "interrupted", "refused"]
    },
    "Interruption": {
      "type": "string",
      "enum": ["SIGINT", "SIGTERM", "SIGHUP"]
    },
    "OutcomeGroup": {
      "type": "object",
      "properties": {
        "outcome": {
          "$ref": "#/definitions/EntryOutcome"
        },
        "reason": {
          "type": "string"
        },
        "count": {
          "type": "number"
        },
        "ids": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "description": "At most ten, the first that were recorded."
        }
      },
      "required": ["outcome", "reason", "count", "ids"],
      "additionalProperties": false,
      "description": "Entries of a run that have their outcome and their reason in common."
    },
    "EntryOutcome": {
      "type": "string",
      "enum": [
        "written",
        "adopted",
        "failed",
        "conflict",
        "drift",
        "skipped",
        "accepted",
        "vanished",
        "forgotten",
        "kept"
      ]
    },
    "ToldEntry": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "pair": {
          "$ref": "#/definitions/Pair"
        },
        "actor": {
          "$ref": "#/definitions/Actor"
        },
        "mode": {
          "type": "string",
          "enum": ["apply", "rollback"]
        },
        "memoryId": {
          "type": "string"
        },
        "outcome": {
          "$ref": "#/definitions/EntryOutcome"
        },
        "namespace": {
          "type": ["string", "null"],
          "description": "Where it is, or was to go; null where it belongs nowhere."
        },
        "reason": {
          "type": ["string", "null"],
          "description": "A short word or the operator's own; never content."
        },
        "sourceUpdatedAt": {
          "type": ["string", "null"],
          "description": "The source's `updated_at` of what the outcome is about."
        },
        "digest": {
          "anyOf": [
            {
              "$ref": "#/definitions/Digest"
            },
            {
              "type": "null"
            }
          ],
          "description": "Of what the plugin holds since then; null where the outcome put or found nothing there."
        },
        "created": {
          "type": "boolean",
          "description": "The id was proven absent from the plugin before it was written: a rollback may forget it."
        },
        "attempts": {
          "type": "number",
          "description": "Commits that were sent for it."
        },
        "durationMs": {
          "type": "number",
          "description": "Milliseconds from the first commit to the answer that settled it."
        },
        "runId": {
          "type": "string"
        },
        "recordedAt": {
          "type": "string"
        }
      },
      "required": [
        "actor",
        "attempts",
        "created",
        "digest",
        "durationMs",
        "memoryId",
        "mode",
        "namespace",
        "outcome",
        "pair",
        "reason",
        "recordedAt",
        "runId",
        "sourceUpdatedAt"
      ],
      "description": "An entry with what is known of the run that made it."
    },
    "Digest": {
      "type": "string",
      "description": "64 hexadecimal digits."
    },
    "RollbackResult": {
      "type": "object",
      "properties": {
        "mode": {
          "type": "string",
          "const": "rollback"
        },
        "of": {
          "type": "string",
          "description": "The run that is undone."
        },
        "acted": {
          "type": "boolean",
          "description": "False for the dry form, which sends no request that changes anything."
        },
        "forgotten": {
          "type": "number",
          "description": "Memories that were forgotten, or would be."
        },
        "already": {
          "type": "number",
          "description": "Memories that an earlier rollback forgot, whether or not it could record that."
        },
        "kept": {
          "type": "object",
          "properties": {
            "not-created": {
              "type": "number"
            },
            "written-since": {
              "type": "number"
            },
            "edited": {
              "type": "number"
            },
            "absent": {
              "type": "number"
            },
            "unsettled": {
              "type": "number"
            },
            "failed": {
              "type": "number"
            }
          },
          "required": ["not-created", "written-since", "edited", "absent", "unsettled", "failed"],
          "additionalProperties": false
        },
        "listed": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/KeptMemory"
          },
          "description": "At most 1,000; `kept` counts them all."
        }
      },
      "required": ["mode", "of", "acted", "forgotten", "already", "kept", "listed"],
      "additionalProperties": false
    },
    "KeptMemory": {
      "type": "object",
      "properties": {
        "id": {
          "type": "string"
        },
        "namespace": {
          "type": "string"
        },
        "reason": {
          "$ref": "#/definitions/KeptReason"
        },
        "sentence": {
          "type": "string",
          "description": "What follows the id: \"was edited …\", without content."
        }
      },
      "required": ["id", "namespace", "reason", "sentence"],
      "additionalProperties": false
    },
    "KeptReason": {
      "type": "string",
      "enum": ["not-created", "written-since", "edited", "absent", "unsettled", "failed"]
    },
    "RepairResult": {
      "type": "object",
      "properties": {
        "mode": {
          "type": "string",
          "const": "repair"
        },
        "acted": {
          "type": "boolean",
          "description": "False for the dry form, which sends the plugin no write."
        },
        "of": {
          "type": "string",
          "description": "The verify whose report is mended from, by the id of its run."
        },
        "seed": {
          "type": ["string", "null"],
          "description": "The seed of its sample: it proves nothing any more. Null where nothing was drawn by lot."
        },
        "memories": {
          "type": "number",
          "description": "Memories that the report names: several findings may be about one."
        },
        "unlisted": {
          "type": "number",
          "description": "Findings that the verify counted and its report does not list."
        },
        "mended": {
          "type": "object",
          "properties": {
            "sent": {
              "type": "number"
            },
            "moved": {
              "type": "number"
            },
            "forgotten": {
              "type": "number"
            },
            "already": {
              "type": "number"
            },
            "accepted": {
              "type": "number"
            }
          },
          "required": ["sent", "moved", "forgotten", "already", "accepted"],
          "additionalProperties": false
        },
        "left": {
          "type": "object",
          "properties": {
            "acknowledged": {
              "type": "number"
            },
            "changed": {
              "type": "number"
            },
            "gone": {
              "type": "number"
            },
            "text": {
              "type": "number"
            },
            "copy": {
              "type": "number"
            },
            "unproven": {
              "type": "number"
            },
            "unsettled": {
              "type": "number"
            }
          },
          "required": ["acknowledged", "changed", "gone", "text", "copy", "unproven", "unsettled"],
          "additionalProperties": false
        },
        "failed": {
          "type": "number",
          "description": "Memories that the plugin refused to take or to forget, or of which it could not be asked."
        },
        "listed": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/RepairedMemory"
          },
          "description": "At most 1,000, in the order in which they were taken up; the counts count them all."
        }
      },
      "required": ["mode", "acted", "of", "seed", "memories", "unlisted", "mended", "left", "failed", "listed"],
      "additionalProperties": false
    },
    "RepairedMemory": {
      "type": "object",
      "properties": {
        "id": {
          "type": "string",
          "description": "The row's id in the source."
        },
        "foundAs": {
          "type": ["string", "null"],
          "description": "The memory's id in the plugin, where that is another."
        },
        "kinds": {
          "type": "array",
          "items": {
            "$ref": "#/definitions/FindingKind"
          },
          "description": "What the verify found of it, the gravest first."
        },
        "outcome": {
          "anyOf": [
            {
              "$ref": "#/definitions/Mending"
            },
            {
              "type": "string",
              "const": "left"
            },
            {
              "type": "string",
              "const": "failed"
            }
          ]
        },
        "reason": {
          "anyOf": [
            {
              "$ref": "#/definitions/LeftReason"
            },
            {
              "type": "null"
            }
          ],
          "description": "Why it is left; null where it is not."
        },
        "namespace": {
          "type": ["string", "null"],
          "description": "Where its row belongs now; null where that is nowhere, or not known."
        },
        "foundIn": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "description": "Other namespaces in which the verify found it."
        },
        "sentence": {
          "type": "string",
          "description": "What follows the id, without content: \"was sent to team:…\"."
        },
        "next": {
          "type": ["string", "null"],
          "description": "What the operator can do; null where nothing is left to be done."
        }
      },
      "required": ["id", "foundAs", "kinds", "outcome", "reason", "namespace", "foundIn", "sentence", "next"],
      "additionalProperties": false
    },
    "Mending": {
      "type": "string",
      "enum": ["sent", "moved", "forgotten", "already", "accepted"]
    },
    "LeftReason": {
      "type": "string",
      "enum": ["acknowledged", "changed", "gone", "text", "copy", "unproven", "unsettled"]
    },
    "CheckReceiptResult": {
      "type": "object",
      "properties": {
        "mode": {
          "type": "string",
          "const": "check-receipt"
        },
        "file": {
          "type": "string",
          "description": "The receipt's file."
        },
        "verdict": {
          "type": "string",
          "enum": ["holds", "refused", "not-checked"],
          "description": "Not checked: nothing speaks against the receipt so far, but the source could not be asked."
        },
        "reasons": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "description": "Why it is refused, all that there is: a sentence each."
        },
        "receipt": {
          "anyOf": [
            {
              "type": "object",
              "properties": {
                "receipt": {
                  "type": "number",
                  "const": 1,
                  "description": "The version of this shape."
                },
                "tool": {
                  "type": "object",
                  "properties": {
                    "name": {
                      "type": "string"
                    },
                    "version": {
                      "type": "string"
                    }
                  },
                  "required": ["name", "version"],
                  "additionalProperties": false
                },
                "contract": {
                  "type": "string",
                  "description": "The version of the plugin's contract that the verify went by."
                },
                "runId": {
                  "type": "string"
                },
                "endedAt": {
                  "type": "string",
                  "description": "By the clock of the machine that verified; `snapshot.at` is by the database's, and the one that counts."
                },
                "source": {
                  "type": "object",
                  "properties": {
                    "address": {
                      "type": "string"
                    },
                    "schema": {
                      "type": "string"
                    }
                  },
                  "required": ["address", "schema"],
                  "additionalProperties": false
                },
                "snapshot": {
                  "type": "object",
                  "additionalProperties": false,
                  "properties": {
                    "moved": {
                      "type": "boolean"
                    },
                    "at": {
                      "type": "string",
                      "description": "When it was taken, by the database's clock, in ISO 8601 and UTC."
                    },
                    "rows": {
                      "type": "number"
                    },
                    "workspaces": {
                      "type": "number"
                    },
                    "digest": {
                      "type": "string",
                      "description": "The sum of all rows' digests and that of the workspaces, 64 hexadecimal digits each."
                    }
                  },
                  "required": ["at", "digest", "moved", "rows", "workspaces"],
                  "description": "The source before the verify read its first row, and whether it was another at the end."
                },
                "plugin": {
                  "type": "object",
                  "properties": {
                    "url": {
                      "type": "string"
                    },
                    "version": {
                      "type": "string"
                    }
                  },
                  "required": ["url", "version"],
                  "additionalProperties": false
                },
                "mapping": {
                  "type": "object",
                  "properties": {
                    "teamLevel": {
                      "anyOf": [
                        {
                          "$ref": "#/definitions/TeamLevel"
                        },
                        {
                          "type": "null"
                        }
                      ]
                    },
                    "removedWorkspaces": {
                      "type": "string",
                      "enum": ["skip", "copy"]
                    }
                  },
                  "required": ["teamLevel", "removedWorkspaces"],
                  "additionalProperties": false,
                  "description": "The flags that decide where rows go."
                },
                "asked": {
                  "type": "object",
                  "properties": {
                    "workspace": {
                      "type": ["string", "null"]
                    },
                    "sample": {
                      "anyOf": [
                        {
                          "type": "number"
                        },
                        {
                          "type": "string",
                          "const": "all"
                        },
                        {
                          "type": "null"
                        }
                      ]
                    },
                    "seed": {
                      "type": ["string", "null"]
                    }
                  },
                  "required": ["workspace", "sample", "seed"],
                  "additionalProperties": false,
                  "description": "What was to be compared: one workspace, or a sample, with the seed where it was drawn by lot."
                },
                "population": {
                  "type": "number",
                  "description": "Workspaces that the sample was drawn from."
                },
                "workspaces": {
                  "type": "object",
                  "properties": {
                    "matches": {
                      "type": "number"
                    },
                    "mismatches": {
                      "type": "number"
                    },
                    "unproven": {
                      "type": "number"
                    },
                    "errors": {
                      "type": "number"
                    },
                    "unchecked": {
                      "type": "number"
                    },
                    "sampled": {
                      "type": "number"
                    },
                    "empty": {
                      "type": "number"
                    }
                  },
                  "required": ["matches", "mismatches", "unproven", "errors", "unchecked", "sampled", "empty"],
                  "additionalProperties": false
                },
                "rows": {
                  "type": "object",
                  "properties": {
                    "compared": {
                      "type": "number"
                    },
                    "matched": {
                      "type": "number"
                    },
                    "skipped": {
                      "type": "object",
                      "properties": {
                        "accepted": {
                          "type": "number"
                        },
                        "no-workspace": {
                          "type": "number"
                        },
                        "unknown-scope": {
                          "type": "number"
                        },
                        "workspace-cycle": {
                          "type": "number"
                        },
                        "global-from-non-root": {
                          "type": "number"
                        },
                        "workspace-removed": {
                          "type": "number"
                        },
                        "empty-content": {
                          "type": "number"
                        }
                      },
                      "required": [
                        "accepted",
                        "no-workspace",
                        "unknown-scope",
                        "workspace-cycle",
                        "global-from-non-root",
                        "workspace-removed",
                        "empty-content"
                      ],
                      "additionalProperties": false
                    },
                    "absenceUnproven": {
                      "type": "number",
                      "description": "Of the skipped rows, those that search could neither find nor show to be absent."
                    },
                    "vanished": {
                      "type": "number"
                    },
                    "extra": {
                      "type": "number"
                    },
                    "copiesUnseen": {
                      "type": "number",
                      "description": "Of the rows that match, those beside which a copy could stand that search does not show."
                    }
                  },
                  "required": [
                    "compared",
                    "matched",
                    "skipped",
                    "absenceUnproven",
                    "vanished",
                    "extra",
                    "copiesUnseen"
                  ],
                  "additionalProperties": false
                },
                "hunt": {
                  "type": "object",
                  "properties": {
                    "known": {
                      "type": "number",
                      "description": "Namespaces that the plugin could hold, by the tree of workspaces."
                    },
                    "listed": {
                      "type": "number",
                      "description": "Namespaces of which a listing showed everything."
                    },
                    "probed": {
                      "type": "number",
                      "description": "Fuller ones, in which rows were looked for by their words."
                    },
                    "uncovered": {
                      "type": "number",
                      "description": "Fuller ones in which search proves nothing, or that could not be asked."
                    },
                    "finished": {
                      "type": "boolean",
                      "description": "It came to its end."
                    },
                    "rows": {
                      "type": "object",
                      "properties": {
                        "probed": {
                          "type": "number"
                        },
                        "unsearchable": {
                          "type": "number"
                        }
                      },
                      "required": ["probed", "unsearchable"],
                      "additionalProperties": false,
                      "description": "Rows that were looked for by their words in the fuller namespaces, and those that have none that could be."
                    }
                  },
                  "required": ["known", "listed", "probed", "uncovered", "finished", "rows"],
                  "additionalProperties": false,
                  "description": "Where copies were looked for that belong elsewhere."
                },
                "findings": {
                  "type": "object",
                  "properties": {
                    "leak": {
                      "type": "number"
                    },
                    "missing": {
                      "type": "number"
                    },
                    "content": {
                      "type": "number"
                    },
                    "misplaced": {
                      "type": "number"
                    },
                    "duplicate": {
                      "type": "number"
                    },
                    "fields": {
                      "type": "number"
                    },
                    "vanishing": {
                      "type": "number"
                    },
                    "unproven": {
                      "type": "number"
                    }
                  },
                  "required": [
                    "leak",
                    "missing",
                    "content",
                    "misplaced",
                    "duplicate",
                    "fields",
                    "vanishing",
                    "unproven"
                  ],
                  "additionalProperties": false
                },
                "unproven": {
                  "type": "array",
                  "items": {
                    "type": "string"
                  },
                  "description": "Ids of what search could not settle, rows and memories of the plugin: at most 1,000, and `findings` counts them all."
                },
                "allowUnproven": {
                  "type": ["number", "null"],
                  "description": "How many of them may be; null where none may."
                },
                "acceptedFindings": {
                  "type": "number",
                  "description": "Findings of `text` that were accepted by the memory's id."
                },
                "verdict": {
                  "type": "string",
                  "enum": ["parity", "no parity"]
                },
                "exitCode": {
                  "type": "number",
                  "description": "With which the verify ended."
                },
                "algorithm": {
                  "$ref": "#/definitions/Algorithm"
                },
                "digest": {
                  "type": "string",
                  "description": "64 hexadecimal digits in small letters, over all of the above."
                }
              },
              "required": [
                "receipt",
                "tool",
                "contract",
                "runId",
                "endedAt",
                "source",
                "snapshot",
                "plugin",
                "mapping",
                "asked",
                "population",
                "workspaces",
                "rows",
                "hunt",
                "findings",
                "unproven",
                "allowUnproven",
                "acceptedFindings",
                "verdict",
                "exitCode",
                "algorithm",
                "digest"
              ],
              "additionalProperties": false
            },
            {
              "type": "null"
            }
          ],
          "description": "What it says; null where the file holds none."
        },
        "now": {
          "anyOf": [
            {
              "$ref": "#/definitions/SourceSnapshot"
            },
            {
              "type": "null"
            }
          ],
          "description": "The source as it is now; null where it was not asked, or could not be."
        },
        "pluginUrl": {
          "type": ["string", "null"],
          "description": "The plugin that MEMORY_PLUGIN_URL names, without credentials; null where it names none, so that the receipt's was not held against any."
        },
        "ageMs": {
          "type": ["number", "null"],
          "description": "Milliseconds since the verify began, by the database's clock; null where that was not asked, or could not be."
        }
      },
      "required": ["mode", "file", "verdict", "reasons", "receipt", "now", "pluginUrl", "ageMs"],
      "additionalProperties": false
    },
    "Algorithm": {
      "type": "string",
      "enum": ["SHA-256", "HMAC-SHA-256"]
    },
    "SourceSnapshot": {
      "type": "object",
      "properties": {
        "at": {
          "type": "string",
          "description": "When it was taken, by the database's clock, in ISO 8601 and UTC."
        },
        "rows": {
          "type": "number"
        },
        "workspaces": {
          "type": "number"
        },
        "digest": {
          "type": "string",
          "description": "The sum of all rows' digests and that of the workspaces, 64 hexadecimal digits each."
        }
      },
      "required": ["at", "rows", "workspaces", "digest"],
      "additionalProperties": false,
      "description": "The source as it was when the verify began: equal for equal contents, in whatever order."
    },
    "Traffic": {
      "type": "object",
      "properties": {
        "getHealth": {
          "$ref": "#/definitions/OperationTraffic"
        },
        "upsertNamespace": {
          "$ref": "#/definitions/OperationTraffic"
        },
        "patchNamespace": {
          "$ref": "#/definitions/OperationTraffic"
        },
        "deleteNamespace": {
          "$ref": "#/definitions/OperationTraffic"
        },
        "commitMemory": {
          "$ref": "#/definitions/OperationTraffic"
        },
        "searchMemories": {
          "$ref": "#/definitions/OperationTraffic"
        },
        "forgetMemory": {
          "$ref": "#/definitions/OperationTraffic"
        }
      },
      "additionalProperties": false,
      "description": "What went over the wire, by operation; one that was never asked for is absent."
    },
    "OperationTraffic": {
      "type": "object",
      "properties": {
        "attempts": {
          "type": "number",
          "description": "Requests sent, retries included."
        },
        "successes": {
          "type": "number"
        },
        "retries": {
          "type": "number",
          "description": "Attempts that were repetitions of an earlier one."
        },
        "failures": {
          "type": "object",
          "additionalProperties": {
            "type": "number"
          },
          "description": "Attempts that failed, by Failure.reason ."
        }
      },
      "required": ["attempts", "successes", "retries", "failures"],
      "additionalProperties": false
    },
    "RunErrorCode": {
      "type": "string",
      "enum": ["configuration", "source", "plugin", "ledger", "guard", "output"],
      "description": "The errors that end a run. Failures that are expected (a row that the plugin refuses, a workspace that could not be checked) are values and stand in the report; an error is thrown only where going on makes no sense.\n\nA message is one sentence for the operator, without credentials and without content of memories."
    }
  }
} as const;

// Generated from api-protocol/memory-plugin-v1.yaml by scripts/generate.ts; do not edit. `npm run generate` makes it anew.

export const schemas = {
  "HealthResponse": {
    "type": "object",
    "required": [
      "status",
      "version",
      "capabilities"
    ],
    "properties": {
      "status": {
        "type": "string",
        "enum": [
          "ok",
          "degraded"
        ]
      },
      "version": {
        "type": "string"
      },
      "capabilities": {
        "description": "What the plugin can do beyond the base. Known today: `embedding`, `fts`, `ttl`, `pin`, `propagation`. One that is not\nknown is no error.\n",
        "type": "array",
        "items": {
          "type": "string"
        }
      }
    }
  },
  "NamespaceKind": {
    "type": "string",
    "enum": [
      "workspace",
      "team",
      "org",
      "custom"
    ]
  },
  "Metadata": {
    "description": "An opaque object, stored and returned.",
    "type": "object",
    "nullable": true,
    "additionalProperties": true
  },
  "Namespace": {
    "type": "object",
    "required": [
      "name",
      "kind",
      "created_at"
    ],
    "properties": {
      "name": {
        "type": "string"
      },
      "kind": {
        "$ref": "#/components/schemas/NamespaceKind"
      },
      "created_at": {
        "type": "string",
        "format": "date-time"
      },
      "expires_at": {
        "type": "string",
        "format": "date-time",
        "nullable": true
      },
      "metadata": {
        "$ref": "#/components/schemas/Metadata"
      }
    }
  },
  "NamespaceUpsert": {
    "type": "object",
    "required": [
      "kind"
    ],
    "properties": {
      "kind": {
        "$ref": "#/components/schemas/NamespaceKind"
      },
      "expires_at": {
        "type": "string",
        "format": "date-time",
        "nullable": true
      },
      "metadata": {
        "$ref": "#/components/schemas/Metadata"
      }
    }
  },
  "NamespacePatch": {
    "type": "object",
    "properties": {
      "expires_at": {
        "type": "string",
        "format": "date-time",
        "nullable": true
      },
      "metadata": {
        "$ref": "#/components/schemas/Metadata"
      }
    }
  },
  "MemoryKind": {
    "type": "string",
    "enum": [
      "fact",
      "summary",
      "checkpoint"
    ]
  },
  "MemorySource": {
    "type": "string",
    "enum": [
      "agent",
      "runtime",
      "user"
    ]
  },
  "Propagation": {
    "description": "An opaque object about where the memory came from, stored and returned.",
    "type": "object",
    "nullable": true,
    "additionalProperties": true
  },
  "MemoryWrite": {
    "type": "object",
    "required": [
      "content",
      "kind",
      "source"
    ],
    "properties": {
      "id": {
        "type": "string",
        "format": "uuid"
      },
      "content": {
        "description": "At least one character, secrets already redacted.",
        "type": "string",
        "minLength": 1
      },
      "kind": {
        "$ref": "#/components/schemas/MemoryKind"
      },
      "source": {
        "$ref": "#/components/schemas/MemorySource"
      },
      "expires_at": {
        "type": "string",
        "format": "date-time",
        "nullable": true
      },
      "propagation": {
        "$ref": "#/components/schemas/Propagation"
      },
      "pin": {
        "description": "Whether the memory is listed before the others.",
        "type": "boolean",
        "default": false
      },
      "embedding": {
        "type": "array",
        "nullable": true,
        "items": {
          "type": "number"
        }
      }
    }
  },
  "MemoryWriteResponse": {
    "type": "object",
    "required": [
      "id",
      "namespace"
    ],
    "properties": {
      "id": {
        "type": "string",
        "format": "uuid"
      },
      "namespace": {
        "type": "string"
      }
    }
  },
  "Memory": {
    "type": "object",
    "required": [
      "id",
      "namespace",
      "content",
      "kind",
      "source",
      "created_at"
    ],
    "properties": {
      "id": {
        "type": "string",
        "format": "uuid"
      },
      "namespace": {
        "type": "string"
      },
      "content": {
        "type": "string"
      },
      "kind": {
        "$ref": "#/components/schemas/MemoryKind"
      },
      "source": {
        "$ref": "#/components/schemas/MemorySource"
      },
      "created_at": {
        "type": "string",
        "format": "date-time"
      },
      "expires_at": {
        "type": "string",
        "format": "date-time",
        "nullable": true
      },
      "propagation": {
        "$ref": "#/components/schemas/Propagation"
      },
      "pin": {
        "type": "boolean"
      },
      "score": {
        "type": "number",
        "nullable": true
      }
    }
  },
  "SearchRequest": {
    "type": "object",
    "required": [
      "namespaces"
    ],
    "properties": {
      "namespaces": {
        "type": "array",
        "minItems": 1,
        "items": {
          "type": "string"
        }
      },
      "query": {
        "type": "string"
      },
      "kinds": {
        "type": "array",
        "items": {
          "$ref": "#/components/schemas/MemoryKind"
        }
      },
      "limit": {
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
        "default": 20
      },
      "embedding": {
        "type": "array",
        "nullable": true,
        "items": {
          "type": "number"
        }
      }
    }
  },
  "SearchResponse": {
    "type": "object",
    "required": [
      "memories"
    ],
    "properties": {
      "memories": {
        "description": "Plugins in the field answer `null` where nothing was found; it means the same as an empty list.",
        "type": "array",
        "nullable": true,
        "items": {
          "$ref": "#/components/schemas/Memory"
        }
      }
    }
  },
  "ForgetRequest": {
    "type": "object",
    "required": [
      "requested_by_namespace"
    ],
    "properties": {
      "requested_by_namespace": {
        "type": "string"
      }
    }
  },
  "Error": {
    "type": "object",
    "required": [
      "code",
      "message"
    ],
    "properties": {
      "code": {
        "type": "string",
        "enum": [
          "bad_request",
          "not_found",
          "forbidden",
          "internal",
          "unavailable"
        ]
      },
      "message": {
        "type": "string"
      },
      "details": {
        "type": "object",
        "nullable": true,
        "additionalProperties": true
      }
    }
  }
} as const;

// Generated from api-protocol/memory-plugin-v1.yaml by openapi-typescript; do not edit. `npm run generate` makes it anew.

export interface paths {
    "/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the plugin can serve, and what it is able to do. */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The namespace's name, for example `workspace:2f1c…`, `team:…` or `org:…`. */
                name: components["parameters"]["NamespaceName"];
            };
            cookie?: never;
        };
        get?: never;
        /** Create a namespace, or replace the whole of an existing one's attributes. */
        put: operations["upsertNamespace"];
        post?: never;
        /** Delete a namespace together with its memories. */
        delete: operations["deleteNamespace"];
        options?: never;
        head?: never;
        /** Change single attributes of a namespace that exists. */
        patch: operations["patchNamespace"];
        trace?: never;
    };
    "/v1/namespaces/{name}/memories": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The namespace's name, for example `workspace:2f1c…`, `team:…` or `org:…`. */
                name: components["parameters"]["NamespaceName"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Store one memory in a namespace.
         * @description With an `id`, the plugin MUST upsert on it: writing the same id again replaces the memory in place, so that a client
         *     may safely repeat a write whose answer it lost. Without an `id`, the plugin makes a fresh one.
         */
        post: operations["commitMemory"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find memories in the given namespaces.
         * @description Without a `query`: newest first, pinned ones before the others. There is no offset and no cursor, so no more than
         *     `limit` memories can ever be listed. Expired memories are not found.
         */
        post: operations["searchMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/memories/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The memory's id. */
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Forget one memory, on behalf of the namespace that holds it. */
        delete: operations["forgetMemory"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        HealthResponse: {
            /** @enum {string} */
            status: "ok" | "degraded";
            version: string;
            /**
             * @description What the plugin can do beyond the base. Known today: `embedding`, `fts`, `ttl`, `pin`, `propagation`. One that is not
             *     known is no error.
             */
            capabilities: string[];
        };
        /** @enum {string} */
        NamespaceKind: "workspace" | "team" | "org" | "custom";
        /** @description An opaque object, stored and returned. */
        Metadata: {
            [key: string]: unknown;
        } | null;
        Namespace: {
            name: string;
            kind: components["schemas"]["NamespaceKind"];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at?: string | null;
            metadata?: components["schemas"]["Metadata"];
        };
        NamespaceUpsert: {
            kind: components["schemas"]["NamespaceKind"];
            /** Format: date-time */
            expires_at?: string | null;
            metadata?: components["schemas"]["Metadata"];
        };
        NamespacePatch: {
            /** Format: date-time */
            expires_at?: string | null;
            metadata?: components["schemas"]["Metadata"];
        };
        /** @enum {string} */
        MemoryKind: "fact" | "summary" | "checkpoint";
        /** @enum {string} */
        MemorySource: "agent" | "runtime" | "user";
        /** @description An opaque object about where the memory came from, stored and returned. */
        Propagation: {
            [key: string]: unknown;
        } | null;
        MemoryWrite: {
            /** Format: uuid */
            id?: string;
            /** @description At least one character, secrets already redacted. */
            content: string;
            kind: components["schemas"]["MemoryKind"];
            source: components["schemas"]["MemorySource"];
            /** Format: date-time */
            expires_at?: string | null;
            propagation?: components["schemas"]["Propagation"];
            /**
             * @description Whether the memory is listed before the others.
             * @default false
             */
            pin?: boolean;
            embedding?: number[] | null;
        };
        MemoryWriteResponse: {
            /** Format: uuid */
            id: string;
            namespace: string;
        };
        Memory: {
            /** Format: uuid */
            id: string;
            namespace: string;
            content: string;
            kind: components["schemas"]["MemoryKind"];
            source: components["schemas"]["MemorySource"];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at?: string | null;
            propagation?: components["schemas"]["Propagation"];
            pin?: boolean;
            score?: number | null;
        };
        SearchRequest: {
            namespaces: string[];
            query?: string;
            kinds?: components["schemas"]["MemoryKind"][];
            /** @default 20 */
            limit?: number;
            embedding?: number[] | null;
        };
        SearchResponse: {
            /** @description Plugins in the field answer `null` where nothing was found; it means the same as an empty list. */
            memories: components["schemas"]["Memory"][] | null;
        };
        ForgetRequest: {
            requested_by_namespace: string;
        };
        Error: {
            /** @enum {string} */
            code: "bad_request" | "not_found" | "forbidden" | "internal" | "unavailable";
            message: string;
            details?: {
                [key: string]: unknown;
            } | null;
        };
    };
    responses: {
        /** @description The request is not acceptable as it is; repeating it is useless. */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The memory belongs to a namespace other than the one on whose behalf it was to be forgotten. */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description There is no such namespace or memory. */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The plugin cannot serve at the moment. */
        Unavailable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
    };
    parameters: {
        /** @description The namespace's name, for example `workspace:2f1c…`, `team:…` or `org:…`. */
        NamespaceName: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The plugin serves; `degraded` says that something about it is impaired. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthResponse"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    upsertNamespace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The namespace's name, for example `workspace:2f1c…`, `team:…` or `org:…`. */
                name: components["parameters"]["NamespaceName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NamespaceUpsert"];
            };
        };
        responses: {
            /** @description The namespace as it now is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Namespace"];
                };
            };
            400: components["responses"]["BadRequest"];
        };
    };
    deleteNamespace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The namespace's name, for example `workspace:2f1c…`, `team:…` or `org:…`. */
                name: components["parameters"]["NamespaceName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone, and its memories with it. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: components["responses"]["NotFound"];
        };
    };
    patchNamespace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The namespace's name, for example `workspace:2f1c…`, `team:…` or `org:…`. */
                name: components["parameters"]["NamespaceName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NamespacePatch"];
            };
        };
        responses: {
            /** @description The namespace as it now is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Namespace"];
                };
            };
            404: components["responses"]["NotFound"];
        };
    };
    commitMemory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The namespace's name, for example `workspace:2f1c…`, `team:…` or `org:…`. */
                name: components["parameters"]["NamespaceName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryWrite"];
            };
        };
        responses: {
            /** @description The memory is stored. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemoryWriteResponse"];
                };
            };
            400: components["responses"]["BadRequest"];
            404: components["responses"]["NotFound"];
        };
    };
    searchMemories: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SearchRequest"];
            };
        };
        responses: {
            /** @description What was found, at most `limit` memories. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchResponse"];
                };
            };
            400: components["responses"]["BadRequest"];
        };
    };
    forgetMemory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The memory's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ForgetRequest"];
            };
        };
        responses: {
            /** @description It is forgotten. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
}

/**
 * The quirks, as data: what each does to a plugin that otherwise keeps strictly to the contract. All but the last few were
 * seen in the field; the rest are what a careless or a later plugin might do.
 *
 * A quirk that remembers something (which ids it has seen) begins afresh each time it is switched on.
 */
import { createHash } from 'node:crypto';
import type { Arrange } from './contract.ts';
import { type Answer, type Call, errorAnswer, isObject, type JsonObject, type Operation } from './wire.ts';

/** The points at which a quirk can step in. */
export interface Twist {
  /** Answers in the plugin's place, before it has looked. */
  instead?(call: Call): Answer | undefined;
  /** Changes what the plugin understands. */
  request?(call: Call): Call;
  /** Changes what a search has found, before the limit applies. */
  arrange?: Arrange;
  /** Changes what the plugin answers, after it has acted. */
  answer?(answer: Answer, call: Call): Answer;
}

interface Description {
  does: string;
  begin: () => Twist;
}

export type Quirk = keyof typeof QUIRKS;

export function isQuirk(name: string): name is Quirk {
  return Object.hasOwn(QUIRKS, name);
}

export function beginQuirks(names: readonly Quirk[]): Twist[] {
  return names.map((name) => QUIRKS[name].begin());
}

/** @returns what the plugin answers under these quirks, where `serve` is what it would do on its own. */
export function answerTwisted(
  twists: readonly Twist[],
  call: Call,
  serve: (call: Call, arrange: Arrange) => Answer,
): Answer {
  for (const twist of twists) {
    const answer = twist.instead?.(call);
    if (answer) return answer;
  }
  const understood = twists.reduce((seen, twist) => twist.request?.(seen) ?? seen, call);
  const served = serve(understood, (found, everywhere) =>
    twists.reduce((seen, twist) => twist.arrange?.(seen, everywhere) ?? seen, found),
  );
  return twists.reduce((answer, twist) => twist.answer?.(answer, call) ?? answer, served);
}

export const QUIRKS = {
  'null-memories': {
    does: 'a search that finds nothing answers {"memories": null}',
    begin: () => ({
      answer: (answer) => (memoriesIn(answer)?.length === 0 ? { ...answer, json: { memories: null } } : answer),
    }),
  },
  'missing-namespace-500': {
    does: 'a commit into a missing namespace answers 500',
    begin: () => ({
      answer: (answer, { operation }) => (operation === 'commitMemory' && answer.status === 404 ? INTERNAL : answer),
    }),
  },
  'forget-404': {
    does: "forgetting another namespace's memory answers 404",
    begin: () => ({
      answer: (answer) =>
        answer.status === 403 ? errorAnswer(404, 'not_found', 'There is no such memory here.') : answer,
    }),
  },
  unhealthy: {
    does: 'health answers 503 with a HealthResponse, degraded',
    begin: () => ({
      answer: (answer, { operation }) =>
        operation === 'getHealth'
          ? { status: 503, json: { ...(isObject(answer.json) && answer.json), status: 'degraded' } }
          : answer,
    }),
  },
  'unhealthy-error': {
    does: 'health answers 503 with an Error',
    begin: () => always('getHealth', errorAnswer(503, 'unavailable', 'The database does not answer.')),
  },
  'invalid-500': {
    does: 'a bad UUID or a vector of the wrong size answers 500',
    begin: () => ({
      answer: (answer) =>
        answer.status === 400 && (blames(answer, 'id') || blames(answer, 'embedding')) ? INTERNAL : answer,
    }),
  },
  'ignores-query': {
    does: 'a search finds everything, whatever its query',
    begin: () => overlooking(['searchMemories'], 'query'),
  },
  shuffled: {
    does: 'a search finds in any order, which is the same one each time: pins, age and scores do not matter',
    begin: () => ({
      arrange: (found) => found.toSorted((a, b) => (seeded(a.memory.id) < seeded(b.memory.id) ? -1 : 1)),
    }),
  },
  'no-capabilities': {
    does: 'announces no capability: ignores queries, and stores no expiry, pin, propagation or embedding',
    begin: () => ({
      request: overlooking(ABOUT_MEMORIES, 'query', 'expires_at', 'pin', 'propagation', 'embedding').request,
      answer: withCapabilities(() => []),
    }),
  },
  'no-fts': {
    does: 'does not announce fts: ignores queries',
    begin: () => lacking('fts', 'query'),
  },
  'no-propagation': {
    does: 'does not announce propagation: stores none',
    begin: () => lacking('propagation', 'propagation'),
  },
  'no-embedding': {
    does: 'does not announce embedding: stores none',
    begin: () => lacking('embedding', 'embedding'),
  },
  'wrong-id': {
    does: 'a commit overlooks the id sent, stores under a fresh one and answers that',
    begin: () => overlooking(['commitMemory'], 'id'),
  },
  'wrong-shape': {
    does: "a commit stores, and answers 201 with a body that is not the contract's",
    begin: () => onceStored(() => ({ status: 201, json: { ok: true } })),
  },
  'html-201': {
    does: 'a commit stores, and answers 201 with HTML',
    begin: () => onceStored(() => ({ status: 201, html: '<!doctype html><title>Created</title>' })),
  },
  'wrong-namespace': {
    does: 'a commit stores, and answers 201 with another namespace than the one asked for',
    begin: () =>
      onceStored((answer) => ({
        ...answer,
        json: { ...(isObject(answer.json) && answer.json), namespace: 'custom:elsewhere' },
      })),
  },
  'html-502': {
    does: 'a commit stores nothing and answers 502 with the HTML of a proxy',
    begin: () => always('commitMemory', { status: 502, html: '<html><h1>502 Bad Gateway</h1><hr>nginx</html>' }),
  },
  redirect: {
    does: 'every call answers 302 to /elsewhere, where nothing is',
    begin: () => ({ instead: () => ({ status: 302, headers: { location: '/elsewhere' } }) }),
  },
  'not-a-plugin': {
    does: 'health answers 200 with HTML',
    begin: () => always('getHealth', { status: 200, html: '<!doctype html><title>Welcome</title>' }),
  },
  'too-many-requests': {
    does: 'of the ids that are committed for the first time, every third is refused once: 429, Retry-After: 1',
    begin: () => {
      const seen = new Set<unknown>();
      return {
        instead({ operation, body }) {
          const id = isObject(body) ? body.id : undefined;
          if (operation !== 'commitMemory' || id === undefined || seen.has(id)) return undefined;
          seen.add(id);
          return seen.size % 3 === 0 ? TOO_MANY : undefined;
        },
      };
    },
  },
  poison: {
    does: 'a commit whose content holds the word "poison" answers 500, always',
    begin: () => ({ instead: (call) => (commits(call, 'poison') ? INTERNAL : undefined) }),
  },
  reject: {
    does: 'a commit whose content holds "reject-me" answers 400',
    begin: () => ({
      instead: (call) =>
        commits(call, 'reject-me') ? errorAnswer(400, 'bad_request', 'Such content is not accepted.') : undefined,
    }),
  },
  'future-capability': {
    does: 'announces a capability that nobody knows, and adds fields that nobody knows to every answer',
    begin: () => ({
      answer: (answer, call) => withUnknownFields(withCapabilities((known) => [...known, 'time-travel'])(answer, call)),
    }),
  },
  'limit-50': {
    does: 'a search never returns more than 50 memories, whatever its limit',
    begin: () => ({ arrange: (found) => found.slice(0, 50) }),
  },
  'limit-10': {
    does: 'a search never returns more than 10 memories, whatever its limit',
    begin: () => ({ arrange: (found) => found.slice(0, 10) }),
  },
  'limit-early': {
    does: 'a search takes the first 100 of all namespaces, and picks from them those of the ones asked for',
    begin: () => ({
      arrange: (found, everywhere) => {
        const first = new Set(
          everywhere()
            .slice(0, 100)
            .map(({ memory }) => memory.id),
        );
        return found.filter(({ memory }) => first.has(memory.id));
      },
    }),
  },
  'query-limit-10': {
    does: 'a search with a query never returns more than 10 memories, whatever its limit; one without does',
    begin: () => ({
      answer: (answer, call) => (asksFor(call, 'query') ? withMemories(answer, (found) => found.slice(0, 10)) : answer),
    }),
  },
  'first-10-namespaces': {
    does: 'a search heeds the first 10 of its namespaces, and overlooks the others',
    begin: () => ({
      request: (call) =>
        call.operation === 'searchMemories' && isObject(call.body) && Array.isArray(call.body.namespaces)
          ? { ...call, body: { ...call.body, namespaces: call.body.namespaces.slice(0, 10) } }
          : call,
    }),
  },
  'last-namespace': {
    does: 'a search heeds the last of its namespaces, and overlooks the others',
    begin: () => ({
      request: (call) =>
        call.operation === 'searchMemories' && isObject(call.body) && Array.isArray(call.body.namespaces)
          ? { ...call, body: { ...call.body, namespaces: call.body.namespaces.slice(-1) } }
          : call,
    }),
  },
  'shares-limit': {
    does: 'a search shares its limit out evenly among its namespaces, and shows no more of any',
    begin: () => ({
      answer: (answer, { operation, body }) => {
        if (operation !== 'searchMemories' || !isObject(body) || !Array.isArray(body.namespaces)) return answer;
        const share = Math.floor(Number(body.limit ?? 20) / body.namespaces.length);
        const shown = new Map<unknown, number>();
        return withMemories(answer, (found) =>
          found.filter((memory) => {
            const { namespace } = isObject(memory) ? memory : {};
            shown.set(namespace, (shown.get(namespace) ?? 0) + 1);
            return (shown.get(namespace) ?? 0) <= share;
          }),
        );
      },
    }),
  },
  'kinds-late': {
    does: 'a search picks its kinds from what it would have returned without them',
    begin: () => ({
      request: overlooking(['searchMemories'], 'kinds').request,
      answer: (answer, { body }) => {
        const kinds = isObject(body) && Array.isArray(body.kinds) ? body.kinds : null;
        if (!kinds) return answer;
        return withMemories(answer, (found) =>
          found.filter((memory) => isObject(memory) && kinds.includes(memory.kind)),
        );
      },
    }),
  },
  twins: {
    does: 'a memory whose content holds "twin" stands in two rows: the second has its id in capitals, and "another" in its content after "odd"',
    begin: () => ({
      arrange: (found) =>
        found.flatMap((each) => {
          const { id, content } = each.memory;
          if (!content.includes('twin')) return [each];
          const twin = { ...each.memory, id: id.toUpperCase(), content: content.replace('odd', 'odd another') };
          return [each, { ...each, memory: twin }];
        }),
    }),
  },
} as const satisfies Record<string, Description>;

const INTERNAL = errorAnswer(500, 'internal', 'Something went wrong.');
const TOO_MANY: Answer = {
  ...errorAnswer(429, 'unavailable', 'Too many requests.'),
  headers: { 'retry-after': '1' },
};

function always(operation: Operation, answer: Answer): Twist {
  return { instead: (call) => (call.operation === operation ? answer : undefined) };
}

/** A namespace's attributes are no capability. */
const ABOUT_MEMORIES: readonly Operation[] = ['commitMemory', 'searchMemories'];

/** The plugin acts as if the body had no such fields. */
function overlooking(operations: readonly Operation[], ...fields: string[]): Required<Pick<Twist, 'request'>> {
  return {
    request: (call) =>
      operations.includes(call.operation) && isObject(call.body)
        ? { ...call, body: Object.fromEntries(Object.entries(call.body).filter(([field]) => !fields.includes(field))) }
        : call,
  };
}

function lacking(capability: string, field: string): Twist {
  return {
    ...overlooking(ABOUT_MEMORIES, field),
    answer: withCapabilities((known) => known.filter((name) => name !== capability)),
  };
}

function withCapabilities(change: (known: unknown[]) => unknown[]): Required<Twist>['answer'] {
  return (answer) =>
    isObject(answer.json) && Array.isArray(answer.json.capabilities)
      ? { ...answer, json: { ...answer.json, capabilities: change(answer.json.capabilities) } }
      : answer;
}

function onceStored(change: (answer: Answer) => Answer): Twist {
  return {
    answer: (answer, { operation }) =>
      operation === 'commitMemory' && answer.status === 201 ? change(answer) : answer,
  };
}

function withUnknownFields(answer: Answer): Answer {
  if (!isObject(answer.json)) return answer;
  const marked = (body: JsonObject) => ({ ...body, x_later: { since: '1.9.0' } });
  const memories = memoriesIn(answer)?.map((memory) => (isObject(memory) ? marked(memory) : memory));
  return { ...answer, json: marked({ ...answer.json, ...(memories && { memories }) }) };
}

/** @returns the memories of a search's answer; undefined where it is the answer to something else. */
function memoriesIn(answer: Answer): unknown[] | undefined {
  return isObject(answer.json) && Array.isArray(answer.json.memories) ? answer.json.memories : undefined;
}

function withMemories(answer: Answer, change: (memories: unknown[]) => unknown[]): Answer {
  const memories = memoriesIn(answer);
  return memories && isObject(answer.json)
    ? { ...answer, json: { ...answer.json, memories: change(memories) } }
    : answer;
}

function asksFor({ body }: Call, field: string): boolean {
  return isObject(body) && body[field] !== undefined;
}

function blames({ json }: Answer, field: string): boolean {
  return isObject(json) && isObject(json.details) && json.details.field === field;
}

function commits({ operation, body }: Call, word: string): boolean {
  return operation === 'commitMemory' && isObject(body) && String(body.content).includes(word);
}

function seeded(id: string): string {
  return createHash('sha256').update(`shuffled ${id}`).digest('hex');
}

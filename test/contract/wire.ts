/**
 * Raw HTTP to a plugin, as little of it as the checks need, on the fetch that Node brings: whatever our own client does
 * wrong, it must not be able to hide it here.
 *
 * A wire lends names of namespaces that nothing else uses, and deletes them when it is closed.
 */
import { randomBytes } from 'node:crypto';

export interface Answer {
  status: number;
  /** The body as JSON; undefined where it is empty or no JSON. */
  body: unknown;
  /** The body as it came. */
  text: string;
}

export interface Wire {
  /** @param body sent as JSON; nothing is sent where it is left out */
  send(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Sends a body as it is, announced as JSON. */
  sendText(method: string, path: string, text: string): Promise<Answer>;
  /** @returns the name of a namespace that does not exist: 32 characters, `custom:contract-` and random ones, and `tail` */
  freshName(tail?: string): string;
}

const REQUEST_DEADLINE_MS = 20_000;

/**
 * Lends a wire to `use` and cleans up after it, whether it succeeds or not.
 *
 * @param url where the plugin is, with or without a trailing slash or a path prefix
 * @throws what `use` throws; a TypeError or a TimeoutError where the plugin cannot be reached
 */
export async function withWire<T>(url: string, use: (wire: Wire) => Promise<T>): Promise<T> {
  const base = url.replace(/\/+$/, '');
  const lent: string[] = [];

  async function sendText(method: string, path: string, text: string | undefined): Promise<Answer> {
    const response = await fetch(base + path, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
      ...(text !== undefined && { body: text, headers: { 'content-type': 'application/json' } }),
    });
    const answer = await response.text();
    return { status: response.status, body: parse(answer), text: answer };
  }

  try {
    return await use({
      send: (method, path, body) => sendText(method, path, body === undefined ? undefined : JSON.stringify(body)),
      sendText,
      freshName(tail = '') {
        const name = `custom:contract-${randomBytes(8).toString('hex')}${tail}`;
        lent.push(name);
        return name;
      },
    });
  } finally {
    // What a broken plugin does to these requests is for the checks to find, not for the cleaning up.
    await Promise.allSettled(
      lent.map((name) => sendText('DELETE', `/v1/namespaces/${encodeURIComponent(name)}`, undefined)),
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Plain calls of the contract, for what a plugin holds before a run: what the platform's own agents have put there. */

export interface NamespaceAttributes {
  kind: 'workspace' | 'team' | 'org' | 'custom';
  metadata?: Record<string, unknown>;
  expires_at?: string;
}

export async function makeNamespace(pluginUrl: string, name: string, attributes: NamespaceAttributes): Promise<void> {
  await ask(pluginUrl, 'PUT', `/v1/namespaces/${name}`, attributes);
}

export async function remember(pluginUrl: string, namespace: string, content: string): Promise<void> {
  await ask(pluginUrl, 'POST', `/v1/namespaces/${namespace}/memories`, { content, kind: 'fact', source: 'agent' });
}

async function ask(pluginUrl: string, method: string, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(pluginUrl + path, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${await response.text()}`);
}

/** What an operator reads of a failure holds neither content of a memory nor a credential, whatever the other side answers. */
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../../src/model/failure.ts';
import {
  answerThatBreaks,
  bodiless,
  brokenConnection,
  clientOf,
  json,
  noAnswer,
  text,
  type WireAnswer,
} from './served.ts';

const NAME = 'team:acme';
const SHORT = 'PIN 8361';
const LONG = 'The safe in the cellar opens with 8361.\nAda knows where the key is.';
const TOKEN = 'tok-5f8b2c9e7d1a4463';

const WITHHELD = 'The plugin answered 400 bad_request (its message quotes what was sent, and is left out).';

const refusal = (message: string) => json(400, { code: 'bad_request', message });

/** What is left of a refused commit of this content for the operator. */
async function sentenceAbout(content: string, message: string): Promise<string> {
  const reply = await clientOf(refusal(message)).client.commitMemory(NAME, { content, kind: 'fact', source: 'agent' });
  return reply.ok ? 'It succeeded.' : reply.failure.sentence;
}

describe('a message that quotes the memory is withheld', () => {
  test.each([
    ['a short memory, whole', SHORT, `refused: "${SHORT}"`],
    ['a short memory without the white space around it', `  ${SHORT}\n`, `refused: ${SHORT}.`],
    ['a long memory, whole', LONG, `refused: ${LONG}`],
    ['a long memory, its beginning', LONG, `content "${LONG.slice(0, 20)}…" is too long`],
    ['a long memory, a piece from its middle', LONG, `near "${LONG.slice(14, 33)}"`],
    ['a long memory, as a JSON text', LONG, `refused: ${JSON.stringify(LONG)}`],
    ['lines that are short each, as they are', 'user: ada\nkey: 8361\n', 'refused: user: ada\nkey: 8361'],
    [
      'lines that are short each, as a JSON text',
      'user: ada\nkey: 8361\n',
      `refused: ${JSON.stringify('user: ada\nkey: 8361\n')}`,
    ],
    [
      'words that are far apart, which a log would bring together',
      'user:\t\t\tada\n\n\nkey:\t\t\t8361',
      'refused: user: ada key: 8361',
    ],
  ])('%s', async (_, content, message) => {
    expect(await sentenceAbout(content, message)).toBe(WITHHELD);
  });

  test('a message that says nothing of the memory is told', async () => {
    expect(await sentenceAbout(LONG, 'The namespace is read-only.')).toBe(
      'The plugin answered 400 bad_request: The namespace is read-only.',
    );
  });

  test('a memory of three characters or fewer is in many a message by chance, and withholds none', async () => {
    expect(await sentenceAbout('is', 'This is not allowed.')).toBe(
      'The plugin answered 400 bad_request: This is not allowed.',
    );
  });

  test('what the answer means is not withheld', async () => {
    const { client } = clientOf(json(500, { code: 'internal', message: `cannot store ${LONG}` }));
    const reply = await client.commitMemory(NAME, { content: LONG, kind: 'fact', source: 'agent' });
    expect(reply).toMatchObject({
      ok: false,
      failure: { cause: 'refused', status: 500, transient: true, suggests: 'namespace-doubtful' },
    });
  });
});

test('a message that quotes a search is withheld: its words are those of a memory', async () => {
  const query = 'combination cellar safe opens';
  const { client } = clientOf(refusal(`cannot parse "${query}"`));
  const reply = await client.searchMemories({ namespaces: [NAME], query });
  expect(JSON.stringify(reply)).toContain('400 bad_request');
  expect(JSON.stringify(reply)).not.toContain(query);
});

test('a message that quotes the Authorization header is withheld', async () => {
  const { client } = clientOf(refusal(`Unexpected header Authorization: Bearer ${TOKEN}`), {
    authorization: `Bearer ${TOKEN}`,
  });
  for (const reply of [await client.getHealth(), await client.searchMemories({ namespaces: [NAME] })]) {
    expect(JSON.stringify(reply)).toContain('400 bad_request');
    expect(JSON.stringify(reply)).not.toContain(TOKEN);
  }
});

describe('no failure holds content or credentials', () => {
  const echo: WireAnswer = async (request) =>
    new Response(`<pre>${[...request.headers].join()} ${await request.text()}</pre>`, {
      status: 502,
      headers: { 'content-type': 'text/html' },
    });
  const echoedAsJson: WireAnswer = async (request) =>
    Response.json({ echo: await request.text(), headers: [...request.headers] }, { status: 418 });
  const echoedAsSuccess: WireAnswer = async (request) =>
    Response.json({ [await request.text()]: 1, id: LONG, memories: [{ content: LONG }], status: LONG });

  test.each<[string, WireAnswer]>([
    ['a page that shows the request', echo],
    ['a JSON body that shows the request', echoedAsJson],
    ['a success that shows the request', echoedAsSuccess],
    ['a redirect to an address with the token', bodiless(302, { location: `http://elsewhere.test/?token=${TOKEN}` })],
    ['text', text(200, `${LONG} ${TOKEN}`, 'text/plain')],
    ['an Error without the message', json(500, { code: 'internal', message: '', details: { content: LONG, TOKEN } })],
    ['a broken connection', brokenConnection],
    ['an answer that breaks', answerThatBreaks],
    ['no answer', noAnswer],
  ])('%s', async (_, answer) => {
    const deadlineMs = answer === noAnswer ? 50 : 10_000;
    const { client } = clientOf(answer, { authorization: `Bearer ${TOKEN}`, deadlineMs });
    const replies = [
      await client.getHealth(),
      await client.upsertNamespace(NAME, { kind: 'team', metadata: { note: LONG } }),
      await client.patchNamespace(NAME, { metadata: { note: LONG } }),
      await client.deleteNamespace(NAME),
      await client.commitMemory(NAME, { content: LONG, kind: 'fact', source: 'agent' }),
      await client.searchMemories({ namespaces: [NAME], query: LONG }),
      await client.forgetMemory('3d1f6a52-9c0b-4e77-8a3e-5b2c4d6e8f10', { requested_by_namespace: NAME }),
    ];
    expect(replies.map(({ ok }) => ok)).toEqual(OPERATIONS.map(() => false));
    for (const reply of replies) {
      expect(JSON.stringify(reply)).not.toContain(TOKEN);
      expect(JSON.stringify(reply)).not.toMatch(/cellar|8361/);
    }
  });
});

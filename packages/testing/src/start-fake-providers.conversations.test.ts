import { describe, expect, test } from 'vitest';
import { start } from './__fixtures__/ask.ts';

type Json = Record<string, unknown>;

interface Answered {
  status: number;
  body: Json & { output?: Json[]; content?: Json[]; candidates?: { content: { parts: Json[] } }[] };
}

const reply = {
  reasoning: 'It depends on the "id":"msg-0123456789abcdef".',
  text: 'Let us see.',
  toolCalls: [{ toolName: 'weather', input: { city: 'Oslo' } }],
};

/** Two accounts of each provider, the first with two keys. */
async function accounts() {
  const keys = {
    'sk-one': { account: 'acme' },
    'sk-two': { account: 'acme' },
    'sk-other': { account: 'other' },
  };
  const fakes = await start({
    providers: { openai: { keys }, anthropic: { keys }, google: { keys } },
    reply,
  });
  const post = async (name: 'openai' | 'anthropic' | 'google', path: string, body: Json) => {
    return async (key: string): Promise<Response> =>
      await fetch(`${fakes.baseURL(name)}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'x-api-key': key, 'x-goog-api-key': key },
        body: JSON.stringify(body),
      });
  };
  const ask = async (
    ...[key, ...what]: [string, ...Parameters<typeof post>]
  ): Promise<Answered> => {
    const response = await (await post(...what))(key);
    return { status: response.status, body: (await response.json()) as Answered['body'] };
  };
  const respond = async (key: string, body: Json) =>
    ask(key, 'openai', '/responses', { model: 'o4-mini', ...body });
  const read = async (key: string, body: Json) => {
    const stream = await post('openai', '/responses', { model: 'o4-mini', stream: true, ...body });
    return (await stream(key)).text();
  };
  return { fakes, ask, respond, read };
}

const input = [{ role: 'user', content: 'How is the weather?' }];

describe('items of OpenAI', () => {
  test('have ids, the same wherever they are named', async () => {
    const { respond, read } = await accounts();
    const { body } = await respond('sk-one', { input });
    expect(body.output?.map(({ id }) => id)).toEqual([
      expect.stringMatching(/^rs_[\da-f]{48}$/),
      expect.stringMatching(/^msg_[\da-f]{48}$/),
      expect.stringMatching(/^fc_[\da-f]{48}$/),
    ]);
    const text = await read('sk-one', { input });
    const ids = new Set(text.match(/(?<="(item_)?id":")(rs|msg|fc)_\w+/g));
    expect(ids.size).toBe(3);
    // What only looks like an id is the model's own text.
    expect(JSON.stringify(body)).toContain('msg-0123456789abcdef');
    expect(text).not.toMatch(/"(item_)?id":"(rs|msg|fc)-/);
  });

  test('are found by each key of the account, and by no other', async () => {
    const { fakes, respond } = await accounts();
    const { body } = await respond('sk-one', { input });
    expect(body.output).toHaveLength(3);
    for (const { id } of body.output ?? []) {
      const again = { input: [...input, { type: 'item_reference', id }] };
      expect(await respond('sk-two', again)).toMatchObject({ status: 200 });
      expect(await respond('sk-other', again)).toEqual({
        status: 404,
        body: {
          error: {
            message: `Item with id '${String(id)}' not found.`,
            type: 'invalid_request_error',
            param: 'input',
            code: null,
          },
        },
      });
    }
    expect(fakes.requests.at(-1)).toMatchObject({ status: 404, refusal: 'foreign' });
    const made = { type: 'item_reference', id: `rs_${'0'.repeat(48)}` };
    expect(await respond('sk-one', { input: [made] })).toMatchObject({ status: 404 });
  });

  test('are kept by nobody without `store`, and may still come in full', async () => {
    const { respond, read } = await accounts();
    const { body } = await respond('sk-one', { input, store: false });
    const [reasoning, message, call] = body.output ?? [];
    const reference = { type: 'item_reference', id: message?.['id'] };
    const refused = await respond('sk-one', { input: [reference], store: false });
    expect(refused).toMatchObject({
      status: 404,
      body: { error: { message: expect.stringContaining('Items are not persisted when `store`') } },
    });
    const { encrypted_content: _, ...bare } = reasoning ?? {};
    expect(await respond('sk-one', { input: [bare] })).toMatchObject({ status: 404 });
    expect(await respond('sk-other', { input: [message, call] })).toMatchObject({ status: 200 });

    const text = await read('sk-one', { input, store: false });
    const id = text.match(/msg_\w+/)?.[0];
    expect(await respond('sk-one', { input: [{ type: 'item_reference', id }] })).toMatchObject({
      status: 404,
    });
  });

  test('of encrypted reasoning are read in the account that made them', async () => {
    const { respond } = await accounts();
    const include = ['reasoning.encrypted_content'];
    const { body } = await respond('sk-one', { input, store: false, include });
    const [reasoning] = body.output ?? [];
    expect(reasoning?.['encrypted_content']).toMatch(/^gAAAA/);
    const again = { input: [...input, reasoning], store: false, include };
    expect(await respond('sk-two', again)).toMatchObject({ status: 200 });
    expect(await respond('sk-other', again)).toMatchObject({
      status: 400,
      body: {
        error: {
          message: expect.stringMatching(
            /^The encrypted content gAAA\.\.\.\w{4} could not be verified\. Reason: Encrypted content organization_id did not match the target organization\.$/,
          ),
          type: 'invalid_request_error',
          param: null,
          code: 'invalid_encrypted_content',
        },
      },
    });
    const forged = { ...reasoning, encrypted_content: 'abc' };
    expect(await respond('sk-one', { input: [forged] })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('could not be decrypted or parsed') } },
    });
  });
});

describe('signatures', () => {
  test('of Anthropic are good for the model that thought, in any account', async () => {
    const { ask } = await accounts();
    const first = { role: 'user', content: 'How is the weather?' };
    const send = async (key: string, model: string, messages: unknown[]) =>
      ask(key, 'anthropic', '/messages', { model, max_tokens: 100, messages });
    const { body } = await send('sk-one', 'claude-sonnet-4-5', [first]);
    const [thinking] = body.content ?? [];
    const messages = [first, { role: 'assistant', content: [thinking] }, first];
    expect(await send('sk-other', 'claude-sonnet-4-5', messages)).toMatchObject({ status: 200 });
    expect(await send('sk-one', 'claude-opus-4-5', messages)).toMatchObject({
      status: 400,
      body: {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: 'messages.1.content.0: Invalid `signature` in `thinking` block',
        },
      },
    });
  });

  test('of Gemini stand on the first call, and are its own or a documented dummy', async () => {
    const { ask } = await accounts();
    const first = { role: 'user', parts: [{ text: 'How is the weather?' }] };
    const send = async (key: string, contents: unknown[]) =>
      ask(key, 'google', '/models/gemini-3-pro:generateContent', { contents });
    const { body } = await send('sk-one', [first]);
    const parts = body.candidates?.[0]?.content.parts ?? [];
    const signed = parts.find(part => 'thoughtSignature' in part);
    expect(signed).toMatchObject({ functionCall: { name: 'weather' } });
    const withSignature = (thoughtSignature: unknown) => [
      first,
      { role: 'model', parts: [{ ...signed, thoughtSignature }] },
    ];
    const good = [signed?.['thoughtSignature'], 'skip_thought_signature_validator'];
    for (const signature of good) {
      expect(await send('sk-other', withSignature(signature))).toMatchObject({ status: 200 });
    }
    expect(await send('sk-one', withSignature('c2lnbmVkIGVsc2V3aGVyZQ=='))).toEqual({
      status: 400,
      body: {
        error: { code: 400, message: 'Corrupted thought signature.', status: 'INVALID_ARGUMENT' },
      },
    });
  });
});

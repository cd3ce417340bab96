import { afterEach } from 'vitest';
import type { FakeProvidersConfig } from '../fake-providers-config.ts';
import type { FakeProtocol } from '../protocols/protocol.ts';
import { startFakeProviders, type FakeProviders } from '../start-fake-providers.ts';

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map(stop => stop()));
});

/** Starts fake providers that stop when the test is over. */
export async function start<const Name extends string>(
  config: FakeProvidersConfig<Name>,
): Promise<FakeProviders<Name>> {
  const fakes = await startFakeProviders(config);
  stops.push(fakes.stop);
  return fakes;
}

export interface Asked {
  key?: string;
  model?: string;
  /** Default `Hello`: 2 tokens. */
  text?: string;
  stream?: boolean;
  /** How the assistant's answer begins: the last message of the prompt. */
  prefill?: string;
  /** OpenAI's other API. */
  responses?: boolean;
  signal?: AbortSignal;
}

/** One request as the real provider packages make it. */
export async function ask(
  fakes: FakeProviders,
  provider: FakeProtocol,
  {
    key = 'sk-good',
    model = 'some-model',
    text = 'Hello',
    stream = false,
    prefill,
    responses = false,
    signal,
  }: Asked = {},
): Promise<Response> {
  const conversation: [role: 'user' | 'assistant', content: string][] = [['user', text]];
  if (prefill !== undefined) conversation.push(['assistant', prefill]);
  const messages = conversation.map(([role, content]) => ({ role, content }));
  const baseURL = fakes.baseURL(provider);
  const send = async (path: string, headers: Record<string, string>, body: object) =>
    await fetch(`${baseURL}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
  switch (provider) {
    case 'openai':
    case 'openrouter':
      if (responses) {
        return await send(
          '/responses',
          { authorization: `Bearer ${key}` },
          { model, stream, input: messages },
        );
      }
      return await send(
        '/chat/completions',
        { authorization: `Bearer ${key}` },
        { model, stream, messages },
      );
    case 'anthropic':
      return await send(
        '/messages',
        { 'x-api-key': key },
        { model, stream, max_tokens: 100, messages },
      );
    case 'google': {
      const action = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
      return await send(
        `/models/${model}:${action}`,
        { 'x-goog-api-key': key },
        {
          contents: conversation.map(([role, content]) => ({
            role: role === 'assistant' ? 'model' : role,
            parts: [{ text: content }],
          })),
        },
      );
    }
  }
}

/** Status and body of an answer, and the headers that speak of limits. */
export async function limitsOf(response: Response): Promise<{
  status: number;
  headers: Record<string, string>;
  body: unknown;
}> {
  const headers = [...response.headers].filter(([name]) => /retry|ratelimit/.test(name));
  return {
    status: response.status,
    headers: Object.fromEntries(headers),
    body: JSON.parse(await response.text()),
  };
}

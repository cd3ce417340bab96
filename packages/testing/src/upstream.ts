import { AsyncLocalStorage } from 'node:async_hooks';
import { IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type FixtureResponse, type ToolCall } from '@copilotkit/aimock';
import { defaultReply } from './fake-reply.ts';
import type { FullReply } from './full-reply.ts';

/** Answers healthy requests in the provider's own protocol. */
export interface Upstream {
  /** `url` and `body` are what the model server sees; the answer goes into `response`. */
  answer(
    request: IncomingMessage,
    response: ServerResponse,
    call: { url: string; body: Buffer; reply: () => FullReply },
  ): void;
}

/** A PNG of one pixel, and an MP3 frame's header: what media are when nobody looks at them. */
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const silence = '//uQxAAAAAAAAAAAAAAAAAAAAAAA';

/**
 * The model server: aimock, which speaks every protocol. It is used without its port: what is in
 * front of it hands over requests that passed, and each brings its own reply along.
 */
export async function startUpstream(options: {
  chunkLatencyMs: number;
  chunkSize: number;
}): Promise<Upstream> {
  const current = new AsyncLocalStorage<() => FixtureResponse>();
  const { server } = await createServer(
    [
      {
        match: { endpoint: 'chat' },
        response: () => current.getStore()?.() ?? { content: '' },
      },
      { match: { endpoint: 'image' }, response: { image: { b64Json: pixel } } },
      { match: { endpoint: 'speech' }, response: { audio: silence } },
      { match: { endpoint: 'transcription' }, response: { transcription: { text: defaultReply } } },
    ],
    {
      host: '127.0.0.1',
      port: 0,
      latency: options.chunkLatencyMs,
      chunkSize: options.chunkSize,
      journalMaxEntries: 1,
      logLevel: 'silent',
    },
  );
  await new Promise(resolve => {
    server.close(resolve);
  });

  return {
    answer(request, response, { url, body, reply }) {
      const forwarded = new IncomingMessage(request.socket);
      forwarded.method = request.method;
      forwarded.url = url;
      forwarded.headers = { ...request.headers };
      // Complete from the start: nothing of it is still to come from the socket.
      forwarded.complete = true;
      forwarded.push(body);
      forwarded.push(null);
      current.run(
        () => toFixture(reply()),
        () => server.emit('request', forwarded, response),
      );
    },
  };
}

function toFixture({ text, reasoning, toolCalls, usage }: FullReply): FixtureResponse {
  const calls = toolCalls.map((call): ToolCall => ({
    name: call.toolName,
    arguments: JSON.stringify(call.input),
  }));
  const shared = { ...(reasoning !== '' && { reasoning }), usage: usageFields(usage) };
  if (calls.length === 0) return { content: text, ...shared };
  if (text === '') return { toolCalls: calls, ...shared };
  return { content: text, toolCalls: calls, ...shared };
}

/** The counts under every protocol's names. */
function usageFields({ inputTokens, outputTokens }: FullReply['usage']): Record<string, number> {
  const total = inputTokens + outputTokens;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: total,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    promptTokenCount: inputTokens,
    candidatesTokenCount: outputTokens,
    totalTokenCount: total,
  };
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type FixtureResponse, type ToolCall } from '@copilotkit/aimock';
import type { FakeReply, FakeReplyContent } from './fake-reply.ts';

/** Answers healthy requests in the provider's own protocol. */
export interface Upstream {
  /** `url` and `body` are what the model server sees; the answer goes into `response`. */
  answer(
    request: IncomingMessage,
    response: ServerResponse,
    call: { url: string; body: Buffer; reply: () => FakeReply },
  ): void;
}

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
        () => toFixture(reply(), body.length),
        () => server.emit('request', forwarded, response),
      );
    },
  };
}

function toFixture(reply: FakeReply, requestLength: number): FixtureResponse {
  const content = typeof reply === 'string' ? { text: reply } : reply;
  const { text = '', reasoning = '', toolCalls = [] } = content;
  const calls = toolCalls.map((call): ToolCall => ({
    name: call.toolName,
    arguments: JSON.stringify(call.input),
  }));
  const answered = text.length + reasoning.length + JSON.stringify(calls).length - 2;
  const shared = {
    ...(reasoning !== '' && { reasoning }),
    usage: usageFields(
      content.usage ?? { inputTokens: tokens(requestLength), outputTokens: tokens(answered) },
    ),
  };
  if (calls.length === 0) return { content: text, ...shared };
  if (text === '') return { toolCalls: calls, ...shared };
  return { content: text, toolCalls: calls, ...shared };
}

/** The usual rule of thumb: four characters make a token. */
function tokens(characters: number): number {
  return Math.ceil(characters / 4);
}

/** The counts under every protocol's names. */
function usageFields(usage: NonNullable<FakeReplyContent['usage']>): Record<string, number> {
  const { inputTokens, outputTokens } = usage;
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

import type { IncomingMessage, ServerResponse } from 'node:http';
import { cutStream } from './cut-stream.ts';
import { deliver } from './deliver.ts';
import { fillIn } from './fill-in.ts';
import type { FakeReply, FakeReplyRequest } from './fake-reply.ts';
import type { FakeRequest } from './fake-request.ts';
import { fullReply } from './full-reply.ts';
import { sendBy } from './line.ts';
import { pause } from './pause.ts';
import { promptTokens } from './prompt-tokens.ts';
import type { ProviderState } from './provider-state.ts';
import { rewrite } from './rewrite.ts';
import type { Upstream } from './upstream.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Where one request arrived. */
export interface Arrival<Name extends string> {
  request: IncomingMessage;
  response: ServerResponse;
  name: Name;
  provider: ProviderState;
  /** Without the provider's prefix. */
  path: string;
  query: URLSearchParams;
}

/** What all requests share. */
export interface Service<Name extends string> {
  clock: { now(): number };
  upstream: Upstream;
  reply: (request: FakeReplyRequest<Name>) => FakeReply;
  record: (request: FakeRequest<Name>) => void;
}

/** Answers one request as its provider would, and records it. */
export async function serveRequest<Name extends string>(
  { request, response, name, provider, path, query }: Arrival<Name>,
  { clock, upstream, reply, record }: Service<Name>,
): Promise<void> {
  const { protocol } = provider;
  const raw = await readBody(request);
  const body = parseJson(raw) ?? (await parseForm(raw, request.headers['content-type']));
  const secret = protocol.readSecret(request.headers, query);
  const model = protocol.readModel(path, body);
  const stream = protocol.readStream(path, body);
  const { id: key, account } = provider.identify(secret);
  const tokens = promptTokens(body);
  const at = clock.now();
  const seen: Writable<FakeRequest<Name>> = {
    provider: name,
    key,
    account,
    model,
    at,
    path: path.slice(protocol.basePath.length),
    stream,
    tokens,
    status: 0,
  };
  record(seen);

  let broken = false;
  const breakOff = (): void => {
    broken = true;
    request.socket.destroy();
  };
  response.on('close', () => {
    seen.status = response.headersSent ? response.statusCode : 0;
    if (!response.writableFinished && !broken) seen.aborted = true;
  });

  const prefilled = protocol.readPrefill(path, body);
  const outcome = provider.decide({ secret, model, tokens, path, stream, prefilled, body }, at);
  if (outcome.type !== 'answer') seen.refusal = outcome.refusal;
  else if (response.closed) outcome.leave();
  else response.on('close', () => outcome.leave());
  await pause(provider.condition.latencyMs ?? 0, response);
  if (response.destroyed) return;

  switch (outcome.type) {
    case 'hang':
      return;
    case 'reset':
      broken = true;
      request.socket.resetAndDestroy();
      return;
    case 'refuse': {
      const { status, headers, body: text } = outcome.answer;
      seen.status = status;
      if (outcome.limitedBy) seen.limitedBy = outcome.limitedBy;
      if (outcome.retryAfterMs !== undefined) seen.retryAfterMs = outcome.retryAfterMs;
      response.writeHead(status, headers).end(text);
      return;
    }
    case 'answer': {
      seen.status = 200;
      for (const [header, value] of Object.entries(outcome.headers)) {
        response.setHeader(header, value);
      }
      const byHand = protocol.answer?.(path, body);
      if (byHand) {
        response.writeHead(byHand.status, byHand.headers).end(byHand.body);
        return;
      }
      const { sent } = outcome;
      if (sent === 'invalid-gzip') response.setHeader('content-encoding', 'gzip');
      else if (sent) {
        const seenBy = { now: at, model: model ?? 'unknown' };
        const wire = {
          isOutput: (event: string) => protocol.isOutput(event),
          isEnd: (event: string) => protocol.isEnd(event),
          errorEvent: protocol.errorEvent(path, seenBy),
          errorBody: JSON.stringify(protocol.errorBody(path, seenBy)),
        };
        sendBy(response, {
          breakOff,
          keepAlive: stream ? protocol.keepAlive(path) : '\n',
          sender: line =>
            'ending' in sent ? cutStream(line, sent, wire) : deliver(line, sent, wire),
        });
      }
      const fields = protocol.answerFields?.(path);
      if (fields && !stream) fillIn(response, fields);
      let usage = { inputTokens: tokens, outputTokens: 0 };
      if (protocol.fromUpstream) {
        rewrite(
          response,
          protocol.fromUpstream({
            home: outcome.home,
            model: model ?? 'unknown',
            path,
            body,
            usage: () => usage,
          }),
        );
      }
      const question = { provider: name, key: outcome.key, model: model ?? '', stream, body };
      upstream.answer(request, response, {
        url: path,
        body:
          protocol.toUpstream && body !== undefined
            ? Buffer.from(JSON.stringify(protocol.toUpstream(body)))
            : raw,
        reply() {
          const full = fullReply(reply(question), tokens);
          ({ usage } = full);
          seen.tokens = usage.inputTokens + usage.outputTokens;
          outcome.takeTokens(seen.tokens - tokens, clock.now());
          return full;
        },
      });
    }
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function parseJson(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString());
  } catch {
    return undefined;
  }
}

/** The fields of a form, as it comes with a file. */
async function parseForm(raw: Buffer, type: string | undefined): Promise<unknown> {
  if (type?.startsWith('multipart/form-data') !== true) return undefined;
  const form = await new Response(new Uint8Array(raw), {
    headers: { 'content-type': type },
  }).formData();
  return Object.fromEntries([...form].filter(([, value]) => typeof value === 'string'));
}

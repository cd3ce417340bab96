import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Failing, FakeProvider } from './fake-provider.ts';
import type { FakeProviderConfig, FakeProvidersConfig } from './fake-providers-config.ts';
import { defaultReply } from './fake-reply.ts';
import type { FakeRequest } from './fake-request.ts';
import { ProviderState } from './provider-state.ts';
import type { FakeProtocol } from './protocols/protocol.ts';
import { isProtocol, protocols } from './protocols/protocols.ts';
import { serveRequest, type Service } from './serve-request.ts';
import { startUpstream } from './upstream.ts';

/** The handle of running fake providers. */
export interface FakeProviders<Name extends string = FakeProtocol> extends AsyncDisposable {
  /** What the real provider package takes as `baseURL`. */
  baseURL(name: Name): string;
  /** Every request of all providers, in the order in which they were decided. */
  readonly requests: readonly FakeRequest<Name>[];
  /** One provider: change its behaviour, script its faults. */
  provider(name: Name): FakeProvider<Name>;
  /** The id under which a secret is recorded; throws for one that is neither listed nor seen. */
  keyId(secret: string): string;
  /** Resolves when no request is being answered. */
  idle: () => Promise<void>;
  /** Forgets requests, counted quotas and faults not yet met; behaviours stay. */
  reset: () => void;
  /** Breaks open connections and closes the port. */
  stop: () => Promise<void>;
}

/**
 * Starts fake providers on one loopback port. They speak the real protocols to the real provider
 * packages, count quotas per key and account, and refuse with the bodies and headers of the real provider.
 *
 * ```ts
 * await using fakes = await startFakeProviders({
 *   providers: { openai: { keys: { 'sk-limited': { rpm: 0 }, 'sk-good': {} } } },
 * });
 * const openai = createOpenAI({ apiKey: 'sk-good', baseURL: fakes.baseURL('openai') });
 * ```
 */
export async function startFakeProviders<const Name extends string = FakeProtocol>(
  config: FakeProvidersConfig<Name>,
): Promise<FakeProviders<Name>> {
  const { reply = defaultReply } = config;
  let requests: FakeRequest<Name>[] = [];
  const service: Service<Name> = {
    clock: config.clock ?? Date,
    reply: typeof reply === 'function' ? reply : () => reply,
    record: request => requests.push(request),
    upstream: await startUpstream({
      chunkLatencyMs: config.chunkLatencyMs ?? 0,
      chunkSize: config.chunkSize ?? 5,
    }),
  };

  const states = new Map<string, { name: Name; state: ProviderState }>();
  const entries: Readonly<Record<Name, FakeProviderConfig>> = config.providers;
  for (const name in entries) {
    states.set(name, { name, state: createState(name, entries[name], service.clock) });
  }

  let open = 0;
  let waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    open += 1;
    response.on('close', () => {
      open -= 1;
      if (open > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    });
    const url = new URL(request.url ?? '/', 'http://fake');
    const [, prefix = ''] = url.pathname.split('/');
    const path = url.pathname.slice(prefix.length + 1);
    const found = states.get(decodeURIComponent(prefix));
    if (!found || !path.startsWith(`${found.state.protocol.basePath}/`)) {
      response.writeHead(404).end();
      return;
    }
    const { name, state: provider } = found;
    const arrival = { request, response, name, provider, path, query: url.searchParams };
    serveRequest(arrival, service).catch(() => response.destroy());
  });
  // No connection is closed for idling: that would race with its next request.
  server.keepAliveTimeout = 0;
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;

  const handles = new Map<Name, FakeProvider<Name>>();
  for (const { name, state } of states.values()) {
    const baseURL = `http://127.0.0.1:${port}/${encodeURIComponent(name)}${state.protocol.basePath}`;
    handles.set(
      name,
      createHandle({
        name,
        baseURL,
        state,
        requests: () => requests.filter(({ provider }) => provider === name),
      }),
    );
  }

  const provider = (name: Name): FakeProvider<Name> => {
    const handle = handles.get(name);
    if (!handle) throw new Error(`No fake provider is named ${name}.`);
    return handle;
  };

  async function stop(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  return {
    baseURL: name => provider(name).baseURL,
    get requests() {
      return requests;
    },
    provider,
    keyId(secret) {
      for (const { state } of states.values()) {
        const id = state.keyId(secret);
        if (id !== undefined) return id;
      }
      throw new Error('No fake provider lists or saw this key.');
    },
    async idle() {
      if (open > 0) await new Promise<void>(resolve => waiting.push(resolve));
    },
    reset() {
      requests = [];
      for (const { state } of states.values()) state.reset();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function createState(
  name: string,
  config: FakeProviderConfig,
  clock: { now(): number },
): ProviderState {
  const protocol = config.protocol ?? name;
  if (!isProtocol(protocol)) throw new Error(`The fake provider ${name} needs a protocol.`);
  return new ProviderState(name, protocols[protocol], config, clock);
}

function createHandle<Name extends string>({
  name,
  baseURL,
  state,
  requests,
}: {
  name: Name;
  baseURL: string;
  state: ProviderState;
  requests: () => readonly FakeRequest<Name>[];
}): FakeProvider<Name> {
  const failing = (only: { secret?: string; model?: string }): Failing => ({
    failNext: (...faults) => state.failNext(faults, only),
  });
  const handle: FakeProvider<Name> = {
    name,
    baseURL,
    get requests() {
      return requests();
    },
    set(changes) {
      state.set(changes);
      return handle;
    },
    key: secret => ({
      ...failing({ secret }),
      set: changes => state.setKey(secret, changes),
    }),
    account: id => ({
      set: changes => state.setAccount(id, changes),
    }),
    model: id => ({
      ...failing({ model: id }),
      set: changes => state.setModel(id, changes),
    }),
    target: (secret, model) => failing({ secret, model }),
    failNext(...faults) {
      state.failNext(faults);
      return handle;
    },
    failFor(ms, ...faults) {
      state.failFor(ms, faults);
      return handle;
    },
  };
  return handle;
}

/** One request as it leaves this side, and the answer to it, piece by piece. */
interface Exchange {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];
  /** What the body broke off with, or all of it where no header came. */
  readonly broken?: { readonly error: unknown; readonly beforeHeaders: boolean };
}

/** What upstream receives. */
interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A `fetch` that writes down what is sent through it. */
interface Recorded {
  readonly fetch: typeof fetch;
  readonly sent: readonly Sent[];
}

/**
 * The answers of upstream to one call: written down the first time, and given again to whoever
 * makes the same call. What then differs was made on this side.
 */
export class Tape {
  readonly #exchanges: Exchange[] = [];

  /** Asks upstream. */
  record(): Recorded {
    const sent: Sent[] = [];
    return {
      sent,
      fetch: async (input, init) => {
        sent.push(sentOf(input, init));
        const exchange = await exchanged(input, init);
        this.#exchanges.push(exchange);
        return played(exchange);
      },
    };
  }

  /** Gives the same answers in the same order; to further requests the last one. */
  play(): Recorded {
    const sent: Sent[] = [];
    return {
      sent,
      fetch: async (input, init) => {
        sent.push(sentOf(input, init));
        const exchange = this.#exchanges[sent.length - 1] ?? this.#exchanges.at(-1);
        if (exchange === undefined) throw new TypeError('Nobody has asked upstream before.');
        return played(exchange);
      },
    };
  }
}

type Input = Parameters<typeof fetch>[0];
type Init = Parameters<typeof fetch>[1];

function sentOf(input: Input, init: Init): Sent {
  const { method, url, headers } = new Request(input, { method: init?.method ?? 'GET' });
  const { body } = init ?? {};
  return {
    method,
    url,
    headers: Object.fromEntries([...headers, ...new Headers(init?.headers)]),
    body: typeof body === 'string' ? (JSON.parse(body) as unknown) : body,
  };
}

async function exchanged(input: Input, init: Init): Promise<Exchange> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let status = 0;
  let headers: [string, string][] = [];
  try {
    const response = await fetch(input, init);
    ({ status } = response);
    headers = [...response.headers];
    for await (const chunk of response.body ?? []) chunks.push(chunk);
    return { status, headers, chunks };
  } catch (error) {
    return { status, headers, chunks, broken: { error, beforeHeaders: status === 0 } };
  }
}

function played({ status, headers, chunks, broken }: Exchange): Response {
  if (broken?.beforeHeaders === true) throw broken.error;
  const left = [...chunks];
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        const chunk = left.shift();
        if (chunk !== undefined) controller.enqueue(chunk.slice());
        else if (broken === undefined) controller.close();
        else controller.error(broken.error);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status, headers: headers.map(([name, value]) => [name, value]) });
}

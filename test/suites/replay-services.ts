import type { FailureCase } from '../../packages/ai-pool/src/failure/__fixtures__/cases.ts';
import type { Framing } from './replay-upstream.ts';

/** A model of any generation, as far as the replay calls it. */
export interface ReplayModel {
  readonly specificationVersion: 'v1' | 'v2' | 'v3' | 'v4';
  readonly provider: string;
  readonly modelId: string;
  doGenerate(options: ReplayOptions): PromiseLike<object>;
  doStream(options: ReplayOptions): PromiseLike<{ stream: ReadableStream<{ type: string }> }>;
}

/** A minimal call, in the words of all generations. */
export interface ReplayOptions {
  readonly inputFormat: 'prompt';
  readonly mode: { type: 'regular' };
  readonly prompt: { role: 'user'; content: { type: 'text'; text: string }[] }[];
  readonly abortSignal: AbortSignal;
}

/** What every factory is given. */
interface Settings {
  readonly apiKey: string;
  readonly fetch: typeof fetch;
}

type Make = (modelId: string) => ReplayModel;
type Create<More = object, Made = Make> = (settings: Settings & More) => Made;

interface Chat {
  chat(modelId: string): ReplayModel;
}
interface Responses {
  responses(modelId: string): ReplayModel;
}

const aws = { region: 'us-east-1', accessKeyId: 'AKIATEST', secretAccessKey: 'test' };
const azure = { resourceName: 'test' };
/** Credentials that ask nobody for a token. */
const authClient = { getAccessToken: async () => ({ token: 'test' }) };
const vertex = {
  project: 'test',
  location: 'us-central1',
  googleAuthOptions: { authClient } as object,
};
const own = { name: 'own', baseURL: 'http://localhost:1/v1' };

/** The factories of one generation's provider packages, by the names that the packages use. */
export interface Factories {
  readonly createAmazonBedrock?: Create<typeof aws>;
  readonly createAnthropic?: Create;
  readonly createAzure?: Create<typeof azure, Chat & Responses>;
  readonly createCerebras?: Create;
  readonly createCohere?: Create;
  readonly createDeepSeek?: Create;
  readonly createFireworks?: Create;
  readonly createGatewayProvider?: Create;
  readonly createGoogleGenerativeAI?: Create;
  readonly createGroq?: Create;
  readonly createMistral?: Create;
  readonly createOllama?: Create;
  readonly createOpenAI?: Create<{ baseURL?: string }, Chat & Responses>;
  readonly createOpenAICompatible?: Create<typeof own>;
  readonly createOpenRouter?: Create;
  readonly createTogetherAI?: Create;
  readonly createVertex?: Create<typeof vertex>;
  readonly createXai?: Create<object, Partial<Chat & Responses>>;
}

/** One way to call a provider, as a user's entry would say it. */
export interface Service {
  readonly name: string;
  /** Whose failures it meets. */
  readonly family: string;
  readonly create: Create;
  /** The entry's `family`, where the models' provider id does not tell. */
  readonly entryFamily?: string;
  readonly framing: Framing;
  readonly meets: (failure: FailureCase) => boolean;
}

const isOfResponses = ({ body }: FailureCase): boolean =>
  Array.isArray(body) && body.some(frame => 'response' in frame);

/** The ways that a generation's packages have. */
export function servicesOf(sdk: Factories): readonly Service[] {
  const services: Service[] = [];
  const add = (
    family: string,
    create: Create | undefined,
    { name = family, ...more }: Partial<Omit<Service, 'family' | 'create'>> = {},
  ): void => {
    if (create === undefined) return;
    services.push({ framing: 'done', meets: () => true, ...more, name, family, create });
  };

  add('anthropic', sdk.createAnthropic, { framing: 'named' });
  add('cerebras', sdk.createCerebras);
  add('cohere', sdk.createCohere);
  add('deepseek', sdk.createDeepSeek);
  add('fireworks', sdk.createFireworks);
  add('gateway', sdk.createGatewayProvider);
  add('google', sdk.createGoogleGenerativeAI);
  add('groq', sdk.createGroq);
  add('mistral', sdk.createMistral);
  add('ollama', sdk.createOllama);
  add('openrouter', sdk.createOpenRouter);
  add('togetherai', sdk.createTogetherAI);

  const { createAmazonBedrock, createVertex } = sdk;
  if (createAmazonBedrock !== undefined) {
    add('amazon-bedrock', settings => createAmazonBedrock({ ...settings, ...aws }));
  }
  if (createVertex !== undefined) {
    add('google-vertex', settings => createVertex({ ...settings, ...vertex }));
  }
  addWithResponses(sdk, add);

  const { createOpenAI, createOpenAICompatible } = sdk;
  if (createOpenAI !== undefined) {
    const proxied: Create = settings => id => createOpenAI({ ...settings, ...own }).chat(id);
    add('litellm', proxied, { name: 'litellm, through openai', entryFamily: 'litellm' });
  }
  if (createOpenAICompatible !== undefined) {
    const create: Create = settings => createOpenAICompatible({ ...settings, ...own });
    add('openai-compatible', create);
    for (const family of ['gateway', 'litellm', 'ollama']) {
      add(family, create, { name: `${family}, through openai-compatible`, entryFamily: family });
    }
  }
  return services;
}

/** Providers with an older and a newer interface. */
function addWithResponses(
  { createAzure, createOpenAI, createXai }: Factories,
  add: (family: string, create: Create, more: Partial<Service>) => void,
): void {
  if (createOpenAI !== undefined) {
    add('openai', settings => id => createOpenAI(settings).chat(id), {
      name: 'openai chat',
      meets: failure => !isOfResponses(failure),
    });
    add('openai', settings => id => createOpenAI(settings).responses(id), {
      name: 'openai responses',
      framing: 'named',
    });
  }
  if (createAzure !== undefined) {
    add('azure', settings => id => createAzure({ ...settings, ...azure }).chat(id), {
      name: 'azure chat',
    });
    add('azure', settings => id => createAzure({ ...settings, ...azure }).responses(id), {
      name: 'azure responses',
      framing: 'named',
    });
  }
  if (createXai === undefined) return;
  // Not every generation has both.
  const interfaces = createXai({ apiKey: 'sk-test', fetch });
  if (interfaces.chat !== undefined) {
    add('xai', settings => makeOf(createXai(settings).chat), { name: 'xai chat', framing: 'json' });
  }
  if (interfaces.responses !== undefined) {
    add('xai', settings => makeOf(createXai(settings).responses), {
      name: 'xai responses',
      framing: 'named',
    });
  }
}

function makeOf(make: Make | undefined): Make {
  if (make === undefined) throw new TypeError('The interface is gone.');
  return make;
}

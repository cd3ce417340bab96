import { createOpenAI } from './sdk.ts';
import { createPool, createPooledModel, keysFromEnv, schemaMismatch } from 'ai-pool';

// What is wrong by its types alone, the compiler says; the rest is a PoolConfigError.

const entry = { name: 'openai', create: createOpenAI, keys: 'one', models: ['gpt-4o'] };
createPooledModel({ providers: [entry] });
createPooledModel({
  providers: [
    {
      ...entry,
      retryOnResult: 'empty',
      models: [
        { id: 'gpt-4o', retryOnResult: [] },
        { id: 'gpt-4o-mini', retryOnResult: [schemaMismatch] },
      ],
    },
  ],
  retryOnResult: [
    'content-filter',
    (result, { text, provider }) => provider === 'openai' && text === '' && !result.content?.length,
  ],
});

// Of the pool.

// @ts-expect-error
createPooledModel({});

// @ts-expect-error
createPooledModel({ providers: [entry], maxWait: 1 });

// @ts-expect-error
createPooledModel({ providers: [entry], maxWaitMs: '5s' });

// @ts-expect-error
createPooledModel({ providers: [entry], routing: 'fallback' });

// @ts-expect-error
createPooledModel({ providers: [entry], keySelection: 'roundrobin' });

// @ts-expect-error
createPooledModel({ providers: [entry], cooldown: { 'rate-limits': 1 } });

// @ts-expect-error
createPooledModel({ providers: [entry], cooldown: { quota: { dailyReset: 0 } } });

// @ts-expect-error
createPooledModel({ providers: [entry], disableAfter: { failures: 3 } });

// @ts-expect-error
createPooledModel({ providers: [entry], contentFilterFallback: 1 });

// @ts-expect-error
createPooledModel({ providers: [entry], on: { rotated: () => {} } });

// @ts-expect-error
createPooledModel({ providers: [entry], onEvent: event => event.nothing });

// @ts-expect-error
createPooledModel({ providers: [entry], classify: () => ({ kind: 'rate' }) });

// @ts-expect-error
createPooledModel({ providers: [entry], retryOnResult: () => 'yes' });

// @ts-expect-error
createPooledModel({ providers: [entry], retryOnResult: async () => Promise.resolve(true) });

// @ts-expect-error
createPooledModel({ providers: [entry], retryOnResult: 'schema-mismatch' });

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, retryOnResult: ['emtpy'] }] });

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, models: [{ id: 'm', retryOnResult: 1 }] }] });

// @ts-expect-error
createPooledModel({ providers: [entry], clock: { now: () => 1 } });

// Of a provider entry.

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, name: 1 }] });

// @ts-expect-error
createPooledModel({ providers: [{ create: createOpenAI, keys: 'one', models: ['m'] }] });

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, keySelection: 'priority' }] });

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, limits: { rpm: 'many' } }] });

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, limits: { rps: 1 } }] });

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, create: createOpenAI({ apiKey: 'one' }) }] });

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, models: 'gpt-4o' }] });

// Of a key.

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, keys: [() => 'one'] }] });

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, keys: () => 'one' }] });

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, keys: [process.env['KEY']] }] });

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, keys: [{ id: 'main' }] }] });

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, keys: [{ apiKey: 'one', weight: '3' }] }] });

// Of a model.

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, models: [{ name: 'gpt-4o' }] }] });

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, models: [{ id: 'gpt-4o', contextWindow: '128k' }] }] });

// @ts-expect-error
createPooledModel([createOpenAI]);

// Of a view, and of what can be done to a pool.

const pool = createPool({ providers: [entry] });

// @ts-expect-error
pool.languageModel().with({ orders: ['openai'] });

// @ts-expect-error
pool.languageModel().with({ only: 'openai' });

// @ts-expect-error
pool.addKey('openai', () => 'one');

// @ts-expect-error
pool.coolDown('openai', 1);

// @ts-expect-error
pool.coolDown({ provider: 'openai' });

// @ts-expect-error
pool.setWeight({ provider: 'openai' }, '1');

// @ts-expect-error
pool.reset({ include: ['cooling'] });

// @ts-expect-error
pool.on('rotated', () => {});

// @ts-expect-error
pool.addProvider({ create: createOpenAI, keys: 'one', models: ['m'] });

// @ts-expect-error
keysFromEnv();

// @ts-expect-error
keysFromEnv('KEYS', { optinal: true });

// What a type parameter would let pass.

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, key: 'one' }] });

// @ts-expect-error
createPooledModel({ providers: { openai: { create: createOpenAI, key: 'one', models: ['m'] } } });

// @ts-expect-error
createPooledModel({ providers: [{ name: 'openai', keys: 'one', models: ['gpt-4o'] }] });

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, keys: process.env['KEY'] }] });

// @ts-expect-error
createPooledModel({ providers: [{ ...entry, keys: [{ apiKey: 'one', acount: 'acme' }] }] });

import { describe, expect, test, vi } from 'vitest';
import { ask, limitsOf, start } from './__fixtures__/ask.ts';
import type { FakeKeyConfig } from './fake-providers-config.ts';
import type { FakeProviders } from './start-fake-providers.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

const all = ['openai', 'google', 'openrouter', 'anthropic'] as const;

const noon = Date.parse('2026-05-01T12:00:00Z');

/** Every provider with one key. */
async function startWith(
  key: FakeKeyConfig,
  now = noon,
): Promise<{ fakes: FakeProviders; clock: VirtualClock }> {
  const clock = createVirtualClock(now);
  const keys = { 'sk-good': key };
  const fakes = await start({
    clock,
    providers: {
      openai: { keys },
      google: { keys },
      openrouter: { keys },
      anthropic: { keys },
    },
    reply: { text: 'Hi', usage: { inputTokens: 10, outputTokens: 90 } },
  });
  return { fakes, clock };
}

describe('refusals', () => {
  test.each(all)('of %s say which quota is used up', async provider => {
    const { fakes } = await startWith({});
    const handle = fakes.provider(provider);
    const refused = async (changes: Parameters<ReturnType<typeof handle.key>['set']>[0]) => {
      handle.key('sk-good').set({ rpm: undefined, tpm: undefined, rpd: undefined, ...changes });
      await (await ask(fakes, provider)).text();
      return await limitsOf(await ask(fakes, provider));
    };
    expect({
      rpm: await refused({ rpm: 1 }),
      tpm: await refused({ tpm: 100 }),
      rpd: await refused({ rpd: 1 }),
      tpd: await refused({ tpd: 100 }),
      tooLarge: await refused({ tpd: undefined, tpm: 1 }),
      busy: await refused({ maxConcurrency: 0 }),
    }).toMatchSnapshot();
    const [rpm, tpm, rpd, tpd, , tooLarge, , busy] = fakes.requests.filter(
      ({ refusal }) => refusal,
    );
    expect([rpm, tpm, rpd, tpd, tooLarge, busy]).toMatchObject([
      { refusal: 'rate-limit', limitedBy: { limit: 'rpm', of: 'key' }, retryAfterMs: 60_000 },
      { refusal: 'rate-limit', limitedBy: { limit: 'tpm', of: 'key' }, retryAfterMs: 60_000 },
      { refusal: 'quota', limitedBy: { limit: 'rpd', of: 'key' } },
      { refusal: 'quota', limitedBy: { limit: 'tpd', of: 'key' } },
      { refusal: 'too-large', limitedBy: { limit: 'tpm', of: 'key' }, tokens: 2 },
      { refusal: 'rate-limit', limitedBy: { limit: 'maxConcurrency', of: 'key' } },
    ]);
  });

  test.each(all)('of %s for unpaid accounts and leaked keys', async provider => {
    const { fakes } = await startWith({ account: 'acme' });
    const handle = fakes.provider(provider);
    handle.account('acme').set({ unpaid: true });
    const unpaid = await limitsOf(await ask(fakes, provider));
    handle.account('acme').set({ unpaid: 402 });
    const unpaid402 = await limitsOf(await ask(fakes, provider));
    handle.account('acme').set({ unpaid: false });
    expect((await ask(fakes, provider)).status).toBe(200);
    handle.key('sk-good').set({ leaked: true });
    const leaked = await limitsOf(await ask(fakes, provider));
    expect({ unpaid, unpaid402, leaked }).toMatchSnapshot();
    expect(fakes.requests.map(({ refusal }) => refusal)).toEqual([
      'unpaid',
      'unpaid',
      undefined,
      'leaked',
    ]);
  });

  test('of Google name every quota that is used up; the longest one counts', async () => {
    const { fakes } = await startWith({ rpm: 1, rpd: 1 });
    await (await ask(fakes, 'google')).text();
    const { body } = await limitsOf(await ask(fakes, 'google'));
    const violations = [
      { quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' },
      { quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' },
    ];
    expect(body).toMatchObject({ error: { details: [{ violations }, {}, {}] } });
    expect(fakes.requests[1]).toMatchObject({ refusal: 'quota', retryAfterMs: 34_074 });
  });

  test('state what they are told to state', async () => {
    const { fakes } = await startWith({ rpd: 0, maxConcurrency: 0, retryAfterMs: 1_500 });
    for (const provider of all) {
      const day = JSON.stringify(await limitsOf(await ask(fakes, provider)));
      expect(day).toMatch(/1\.5s|"retry-after":"2"|1777636801500/);
      fakes.provider(provider).key('sk-good').set({ rpd: undefined });
      const busy = JSON.stringify(await limitsOf(await ask(fakes, provider)));
      expect(busy).toMatch(/1\.5s|"retry-after":"2"/);
      fakes.provider(provider).key('sk-good').set({ retryAfterMs: null, rpd: 0 });
      const silent = JSON.stringify(await limitsOf(await ask(fakes, provider)));
      expect(silent).not.toMatch(/retry-after|reset|try again in|RetryInfo/i);
    }
  });
});

describe('successes', () => {
  const limits = { rpm: 5, tpm: 1_000, rpd: 3, tpd: 150 };

  test.each(all)('of %s say what is left of the quotas', async provider => {
    const { fakes } = await startWith(limits);
    const first = await ask(fakes, provider);
    const { headers } = await limitsOf(first);
    expect({
      account:
        first.headers.get('openai-organization') ?? first.headers.get('anthropic-organization-id'),
      first: headers,
      // By now the answer's tokens are counted, too.
      second: (await limitsOf(await ask(fakes, provider))).headers,
    }).toMatchSnapshot();
  });

  test('say what is left of the account, where that is less', async () => {
    const { fakes } = await startWith({ rpm: 9, tpm: 500, account: 'acme' });
    fakes.provider('openai').account('acme').set({ rpm: 4, tpm: 800 });
    const { headers } = await ask(fakes, 'openai');
    expect(headers.get('x-ratelimit-limit-requests')).toBe('4');
    expect(headers.get('x-ratelimit-remaining-requests')).toBe('3');
    expect(headers.get('x-ratelimit-limit-tokens')).toBe('500');
    expect(headers.get('x-ratelimit-remaining-tokens')).toBe('498');
  });
});

describe('tokens', () => {
  test.each(all)('of %s are those of the prompt, then those of the usage', async provider => {
    const { fakes } = await startWith({ tpm: 200 });
    const text = 'x'.repeat(400);
    expect((await ask(fakes, provider, { text })).status).toBe(200);
    expect((await ask(fakes, provider, { text })).status).toBe(200);
    expect((await ask(fakes, provider)).status).toBe(429);
    expect(fakes.requests.map(({ tokens }) => tokens)).toEqual([100, 100, 2]);
  });

  test('are counted in streams, too', async () => {
    const { fakes } = await startWith({ tpm: 200 });
    for (const provider of all) {
      const seen = [];
      for (let request = 0; request < 3; request += 1) {
        const response = await ask(fakes, provider, { stream: true });
        await response.text();
        seen.push(response.status);
      }
      expect(seen).toEqual([200, 200, 429]);
    }
  });

  test('are those of request and answer where no usage is given', async () => {
    const fakes = await start({ providers: { openai: {} }, reply: 'x'.repeat(41) });
    const response = await ask(fakes, 'openai', { text: 'y'.repeat(33) });
    expect(await response.json()).toMatchObject({
      usage: { prompt_tokens: 9, completion_tokens: 11 },
    });
    expect(fakes.requests).toMatchObject([{ tokens: 20 }]);
  });
});

describe('accounts', () => {
  test('and keys count at once: what is full refuses', async () => {
    const clock = createVirtualClock();
    const fakes = await start({
      clock,
      providers: {
        openai: {
          accounts: { acme: { rpd: 4, window: { rpd: 'fixed' } } },
          keys: {
            'sk-good': { account: 'acme', rpm: 1 },
            'sk-other': { account: 'acme', rpm: 9 },
          },
        },
      },
    });
    const asked = ['sk-good', 'sk-good', 'sk-other', 'sk-other', 'sk-other', 'sk-other'];
    for (const key of asked) await (await ask(fakes, 'openai', { key })).text();
    expect(fakes.requests.map(({ limitedBy }) => limitedBy)).toEqual([
      undefined,
      { limit: 'rpm', of: 'key' },
      undefined,
      undefined,
      undefined,
      { limit: 'rpd', of: 'account' },
    ]);
    // Neither the key's minute nor anything but the day helps.
    await clock.advance(60_000);
    expect((await ask(fakes, 'openai')).status).toBe(429);
    await clock.advance(86_400_000);
    expect((await ask(fakes, 'openai')).status).toBe(200);
  });
});

describe('days', () => {
  test.each([
    ['google', '2026-05-02T07:00:00Z'],
    ['openrouter', '2026-05-02T00:00:00Z'],
    ['anthropic', '2026-05-02T00:00:00Z'],
  ] as const)('of %s end as they do there', async (provider, end) => {
    const { fakes, clock } = await startWith({ rpd: 2 });
    for (const status of [200, 200, 429]) {
      expect((await ask(fakes, provider)).status).toBe(status);
    }
    await clock.advance(Date.parse(end) - noon - 1);
    expect((await ask(fakes, provider)).status).toBe(429);
    await clock.advance(1);
    for (const status of [200, 200, 429]) {
      expect((await ask(fakes, provider)).status).toBe(status);
    }
  });

  test('of OpenAI roll: what is used comes back evenly', async () => {
    const { fakes, clock } = await startWith({ rpd: 24 });
    for (let request = 0; request < 24; request += 1) await (await ask(fakes, 'openai')).text();
    expect((await ask(fakes, 'openai')).headers.get('retry-after')).toBe('3600');
    await clock.advance(3_600_000);
    expect((await ask(fakes, 'openai')).status).toBe(200);
    expect((await ask(fakes, 'openai')).status).toBe(429);
  });

  test.each([
    ['google', '2026-05-02T07:00:00Z'],
    ['openrouter', '2026-05-02T00:00:00Z'],
    ['anthropic', '2026-05-02T00:00:00Z'],
    ['openai', '2026-05-01T12:00:08.640Z'],
  ] as const)('of %s may be used up from the start', async (provider, end) => {
    const { fakes, clock } = await startWith({ dailyQuotaUsedUp: true });
    expect((await ask(fakes, provider)).status).toBe(429);
    expect(fakes.requests).toMatchObject([{ refusal: 'quota', limitedBy: { limit: 'rpd' } }]);
    await clock.advance(Date.parse(end) - noon);
    expect((await ask(fakes, provider)).status).toBe(200);
    fakes.provider(provider).key('sk-good').set({ dailyQuotaUsedUp: true });
    expect((await ask(fakes, provider)).status).toBe(429);
    fakes.provider(provider).key('sk-good').set({ dailyQuotaUsedUp: undefined });
    expect((await ask(fakes, provider)).status).toBe(200);
  });
});

describe('refusals that count', () => {
  test('keep a quota closed while it is hammered', async () => {
    const { fakes, clock } = await startWith({ rpm: 2, countsRefusals: true });
    const { fakes: mild, clock: mildClock } = await startWith({ rpm: 2 });
    const served = { strict: 0, mild: 0 };
    for (let request = 0; request < 20; request += 1) {
      if ((await ask(fakes, 'openai')).status === 200) served.strict += 1;
      if ((await ask(mild, 'openai')).status === 200) served.mild += 1;
      await clock.advance(10_000);
      await mildClock.advance(10_000);
    }
    expect(served).toEqual({ strict: 2, mild: 8 });
    // The last refusal was at 190 s, and said so.
    expect(fakes.requests.at(-1)).toMatchObject({ at: noon + 190_000, retryAfterMs: 60_000 });
    await clock.advance(50_000);
    expect((await ask(fakes, 'openai')).status).toBe(200);
  });
});

describe('requests in flight', () => {
  test.each([false, true])('are limited, and let in again (streamed: %s)', async stream => {
    const fakes = await start({
      providers: {
        openai: {
          accounts: { acme: { maxConcurrency: 2 } },
          keys: { 'sk-good': { account: 'acme' }, 'sk-other': { account: 'acme' } },
          latencyMs: 30,
        },
      },
    });
    const answers = await Promise.all(
      ['sk-good', 'sk-other', 'sk-good', 'sk-other'].map(async key => {
        const response = await ask(fakes, 'openai', { key, stream });
        await response.text();
        return response.status;
      }),
    );
    expect(answers.filter(status => status === 200)).toHaveLength(2);
    const refused = fakes.requests.filter(({ refusal }) => refusal);
    expect(refused).toMatchObject([
      { limitedBy: { limit: 'maxConcurrency', of: 'account' } },
      { limitedBy: { limit: 'maxConcurrency', of: 'account' } },
    ]);
    expect((await ask(fakes, 'openai', { stream })).status).toBe(200);
  });

  test('leave when the client does, and when an answer breaks off', async () => {
    const fakes = await start({
      providers: { openai: { keys: { 'sk-good': { maxConcurrency: 1 } }, latencyMs: 60_000 } },
    });
    const openai = fakes.provider('openai');
    const controller = new AbortController();
    const answer = ask(fakes, 'openai', { signal: controller.signal });
    await vi.waitFor(() => expect(fakes.requests).toHaveLength(1));
    openai.set({ latencyMs: 0 });
    expect((await ask(fakes, 'openai')).status).toBe(429);
    controller.abort();
    await expect(answer).rejects.toThrow('aborted');
    await fakes.idle();
    openai.failNext({ afterChunks: 1, ending: 'reset' });
    const broken = await ask(fakes, 'openai', { stream: true });
    await expect(broken.text()).rejects.toThrow('terminated');
    await fakes.idle();
    expect((await ask(fakes, 'openai')).status).toBe(200);
  });
});

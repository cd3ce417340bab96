import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run, runOn, startServices } from './readme-services.ts';

const main = new URL('../examples/quickstart/src/main.ts', import.meta.url);

/** Runs the demo as `pnpm demo` does, without any provider's key. */
function runDemo(env: Record<string, string> = {}): Promise<{ code: number; output: string }> {
  const args = ['--conditions=@ai-pool/source', fileURLToPath(main)];
  return run(process.execPath, { args, env });
}

test('the demo tells its story and exits 0', async () => {
  const { code, output } = await runDemo();
  const lines = output.split('\n');

  expect(output).not.toContain('✗');
  expect(code).toBe(0);
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^1\. /),
      expect.stringMatching(/^ {4}google\/gemini-2\.5-pro +google-1 +answered +\d+ ms$/),
      expect.stringMatching(/^ {4}google\/gemini-2\.5-pro +google-1 +rate-limit 429 +\d+ ms$/),
      expect.stringMatching(/^ {4}google\/gemini-2\.5-pro +google-2 +model-not-found 404 +\d+ ms$/),
      expect.stringMatching(/^ {4}google\/gemini-2\.5-flash +google-2 +server-error 500 +\d+ ms$/),
      expect.stringMatching(/^ {4}openai\/gpt-4o +openai-1 +answered +\d+ ms$/),
      '  ✓ the text arrived token by token',
      '  ✓ all 50 calls got a text',
      '  ✓ every number is what the providers recorded',
      expect.stringMatching(/^All of it happened/),
    ]),
  );
  // No colour where nobody sees it.
  expect(output).not.toContain('\u001B');
  expect(output).not.toContain('demo-');
}, 30_000);

test('the demo exits 1 and says what did not happen when the first provider is healthy', async () => {
  const { code, output } = await runDemo({ QUICKSTART_HEALTHY: '1' });

  expect(code).toBe(1);
  const missing = output.slice(output.indexOf('This did not happen:'));
  expect(missing).toContain('google-1 was refused with 429');
  expect(missing).toContain('gemini-2.5-pro was refused with 404');
  expect(missing).toContain('google was asked and was down');
  expect(missing).toContain('openai and openrouter gave 50 answers');
  expect(output).not.toContain('All of it happened');
}, 30_000);

test('with keys in the environment the demo uses the services that they are for', async () => {
  await using services = await startServices();
  const { code, output } = await runOn(services, main, {
    OPENAI_API_KEYS: 'sk-one-0123456789, sk-two-0123456789',
    OPENROUTER_API_KEYS: 'sk-or-v1-one-0123456789',
  });

  expect(output).toMatch(/^ {4}openai\/gpt-4o-mini +[0-9a-f]{8} +answered +\d+ ms$/m);
  expect(output).toMatch(/^ {2}openrouter +[0-9a-f]{8} +ready +0 /m);
  expect(output).not.toContain('sk-');
  expect(code).toBe(0);
  expect(services.requests.map(({ provider, stream }) => [provider, stream])).toEqual([
    ['openai', false],
    ['openai', true],
  ]);
}, 30_000);

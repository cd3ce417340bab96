import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startFakeProviders, type FakeProviders } from '@ai-pool/testing';

const redirect = new URL('readme-redirect.ts', import.meta.url).href;

/** Healthy fake providers in place of the real services. */
export function startServices(): Promise<FakeProviders<'google' | 'openai' | 'openrouter'>> {
  return startFakeProviders({ providers: { google: {}, openai: {}, openrouter: {} } });
}

/** Runs a program against fake providers in place of the real services. */
export function runOn(
  fakes: FakeProviders<'google' | 'openai' | 'openrouter'>,
  program: string | URL,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number; output: string }> {
  const services = {
    'https://generativelanguage.googleapis.com/v1beta': fakes.baseURL('google'),
    'https://api.openai.com/v1': fakes.baseURL('openai'),
    'https://openrouter.ai/api/v1': fakes.baseURL('openrouter'),
  };
  return run(process.execPath, {
    args: [
      '--conditions=@ai-pool/source',
      `--import=${redirect}`,
      typeof program === 'string' ? program : fileURLToPath(program),
    ],
    env: { ...env, FAKE_SERVICES: JSON.stringify(services) },
  });
}

/** Runs a command to its end. */
export function run(
  command: string,
  { args, env }: { args: readonly string[]; env: Readonly<Record<string, string>> },
): Promise<{ code: number; output: string }> {
  const { PATH } = process.env;
  const options = { env: { ...(PATH !== undefined && { PATH }), ...env }, timeout: 20_000 };
  return new Promise(resolve => {
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : Number(error !== null);
      resolve({ code, output: stdout + stderr });
    });
  });
}

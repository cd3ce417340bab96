// Loaded before a program that calls the real services: sends its requests to fake providers.
// `FAKE_SERVICES` is JSON, real base URL -> fake base URL. Nothing leaves this machine.

const services = Object.entries(
  JSON.parse(process.env['FAKE_SERVICES'] ?? '{}') as Record<string, string>,
);
const realFetch = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  for (const [real, fake] of services) {
    if (!url.startsWith(real)) continue;
    const redirected = fake + url.slice(real.length);
    return realFetch(input instanceof Request ? new Request(redirected, input) : redirected, init);
  }
  if (new URL(url).hostname === '127.0.0.1') return realFetch(input, init);
  return Promise.reject(new Error(`no fake service for ${url}`));
};

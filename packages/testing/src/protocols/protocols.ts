import { anthropic } from './anthropic.ts';
import { google } from './google.ts';
import { openai } from './openai.ts';
import { openrouter } from './openrouter.ts';
import type { FakeProtocol, Protocol } from './protocol.ts';

/** Every protocol by its name. */
export const protocols: Readonly<Record<FakeProtocol, Protocol>> = {
  anthropic,
  google,
  openai,
  openrouter,
};

export function isProtocol(name: string): name is FakeProtocol {
  return Object.hasOwn(protocols, name);
}

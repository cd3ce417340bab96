import { expect, it } from 'vitest';
import { familyOf, familyOfUrl } from './family.ts';

it.each([
  ['openai', 'openai'],
  ['openai.chat', 'openai'],
  ['openai.responses', 'openai'],
  ['google', 'google'],
  ['google.generative-ai', 'google'],
  ['google.vertex.chat', 'google-vertex'],
  ['google-vertex', 'google-vertex'],
  ['vertex.anthropic.messages', 'google-vertex'],
  ['amazon-bedrock', 'amazon-bedrock'],
  ['bedrock.anthropic.messages', 'amazon-bedrock'],
  ['azure-openai.chat', 'azure'],
  ['azure.responses', 'azure'],
  ['anthropic.messages', 'anthropic'],
  ['xai.chat', 'xai'],
  ['openrouter', 'openrouter'],
  ['openrouter.chat', 'openrouter'],
  ['gateway', 'gateway'],
  ['groq.chat', 'groq'],
  ['mistral.chat', 'mistral'],
  ['deepseek.chat', 'deepseek'],
  ['cohere.chat', 'cohere'],
  ['togetherai.chat', 'togetherai'],
  ['fireworks.chat', 'fireworks'],
  ['cerebras.chat', 'cerebras'],
  ['ollama.chat', 'ollama'],
  ['litellm.chat', 'litellm'],
  ['openai-compatible', 'openai-compatible'],
  ['perplexity', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s is %s', (provider, family) => {
  expect(familyOf(provider)).toBe(family);
});

it.each([
  ['https://openrouter.ai/api/v1/chat/completions', 'openrouter'],
  ['https://api.openai.com/v1/responses', 'openai'],
  ['https://generativelanguage.googleapis.com/v1beta/openai/', 'google'],
  ['https://us-central1-aiplatform.googleapis.com/v1', 'google-vertex'],
  ['https://mine.openai.azure.com/openai/deployments/x', 'azure'],
  ['https://api.x.ai/v1', 'xai'],
  ['https://bedrock-runtime.us-east-1.amazonaws.com/model/x', 'amazon-bedrock'],
  ['https://api.example.com/openai/v1', undefined],
  ['not a url', undefined],
  [7, undefined],
])('%s is %s', (url, family) => {
  expect(familyOfUrl(url)).toBe(family);
});

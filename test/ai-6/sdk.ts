export * as ai from 'ai';
export type { LanguageModelV3 as LanguageModel } from '@ai-sdk/provider';
export { createAnthropic } from '@ai-sdk/anthropic';
export { createOpenAI } from '@ai-sdk/openai';
export { createGoogleGenerativeAI } from '@ai-sdk/google';
export { createOpenRouter } from '@openrouter/ai-sdk-provider';

import { testComposition } from '../suites/composition.ts';
import { ai4 } from './generation.ts';
import {
  ai,
  createAnthropic,
  createGoogleGenerativeAI,
  createOpenAI,
  createOpenRouter,
  type LanguageModel,
} from './sdk.ts';

testComposition<LanguageModel>({
  sdk: ai4,
  ai,
  factories: {
    openai: options => createOpenAI({ ...options, compatibility: 'strict' }),
    google: createGoogleGenerativeAI,
    openrouter: options => createOpenRouter({ ...options, compatibility: 'strict' }),
    anthropic: createAnthropic,
  },
});

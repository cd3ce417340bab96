import { testComposition } from '../suites/composition.ts';
import { ai6 } from './generation.ts';
import {
  ai,
  createAnthropic,
  createGoogleGenerativeAI,
  createOpenAI,
  createOpenRouter,
  type LanguageModel,
} from './sdk.ts';

testComposition<LanguageModel>({
  sdk: ai6,
  ai,
  factories: {
    openai: createOpenAI,
    google: createGoogleGenerativeAI,
    openrouter: createOpenRouter,
    anthropic: createAnthropic,
  },
});

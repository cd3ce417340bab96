import { testComposition } from '../suites/composition.ts';
import { ai7 } from './generation.ts';
import {
  ai,
  createAnthropic,
  createGoogleGenerativeAI,
  createOpenAI,
  createOpenRouter,
  type LanguageModel,
} from './sdk.ts';

testComposition<LanguageModel>({
  sdk: ai7,
  ai,
  factories: {
    openai: createOpenAI,
    google: createGoogleGenerativeAI,
    openrouter: createOpenRouter,
    anthropic: createAnthropic,
  },
});

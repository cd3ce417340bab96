import { createPooledProvider } from 'ai-pool';
import { pooled, quick, testDifferential } from '../suites/differential/test-differential.ts';
import { modelIds } from '../suites/world.ts';
import {
  ai,
  createAnthropic,
  createGoogleGenerativeAI,
  createOpenAI,
  createOpenRouter,
  type LanguageModel,
} from './sdk.ts';

const { openai, google, anthropic, openrouter } = modelIds;

testDifferential<LanguageModel>({
  major: 4,
  ai,
  bare: {
    'OpenAI chat': settings => createOpenAI({ ...settings, compatibility: 'strict' }).chat(openai),
    'OpenAI responses': settings =>
      createOpenAI({ ...settings, compatibility: 'strict' }).responses(openai),
    Gemini: settings => createGoogleGenerativeAI(settings)(google),
    Anthropic: settings => createAnthropic(settings)(anthropic),
    OpenRouter: settings => createOpenRouter({ ...settings, compatibility: 'strict' })(openrouter),
  },
  provided: {
    'OpenAI chat': settings =>
      createPooledProvider(
        createOpenAI,
        { ...pooled(settings), compatibility: 'strict' },
        quick,
      ).chat(openai),
    'OpenAI responses': settings =>
      createPooledProvider(
        createOpenAI,
        { ...pooled(settings), compatibility: 'strict' },
        quick,
      ).responses(openai),
    Gemini: settings =>
      createPooledProvider(createGoogleGenerativeAI, pooled(settings), quick)(google),
    Anthropic: settings =>
      createPooledProvider(createAnthropic, pooled(settings), quick)(anthropic),
    OpenRouter: settings =>
      createPooledProvider(
        createOpenRouter,
        { ...pooled(settings), compatibility: 'strict' },
        quick,
      )(openrouter),
  },
});

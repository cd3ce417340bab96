import * as ai from 'ai';
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createAzure } from '@ai-sdk/azure';
import { createCerebras } from '@ai-sdk/cerebras';
import { createCohere } from '@ai-sdk/cohere';
import { createDeepSeek } from '@ai-sdk/deepseek';
import { createFireworks } from '@ai-sdk/fireworks';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createVertex } from '@ai-sdk/google-vertex';
import { createGroq } from '@ai-sdk/groq';
import { createMistral } from '@ai-sdk/mistral';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { createTogetherAI } from '@ai-sdk/togetherai';
import { createXai } from '@ai-sdk/xai';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { createOllama } from 'ollama-ai-provider';
import { testWholeReplay } from '../../suites/replay.ts';

testWholeReplay({
  major: 4,
  ai,
  factories: {
    createAmazonBedrock,
    createAnthropic,
    createAzure,
    createCerebras,
    createCohere,
    createDeepSeek,
    createFireworks,
    createGoogleGenerativeAI,
    createGroq,
    createMistral,
    createOllama,
    createOpenAI,
    createOpenAICompatible,
    createOpenRouter,
    createTogetherAI,
    createVertex,
    createXai,
  },
});

import { testEndToEnd } from '../suites/end-to-end/test-end-to-end.ts';
import { ai4 } from './generation.ts';
import { ai, createOpenAI } from './sdk.ts';

testEndToEnd({
  sdk: ai4,
  ai,
  apis: {
    chat: options => id => createOpenAI({ ...options, compatibility: 'strict' }).chat(id),
    responses: options => id => createOpenAI({ ...options, compatibility: 'strict' }).responses(id),
  },
  openai: createOpenAI,
});

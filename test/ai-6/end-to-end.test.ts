import { testEndToEnd } from '../suites/end-to-end/test-end-to-end.ts';
import { ai6 } from './generation.ts';
import { ai, createOpenAI } from './sdk.ts';

testEndToEnd({
  sdk: ai6,
  ai,
  apis: {
    chat: options => id => createOpenAI(options).chat(id),
    responses: options => id => createOpenAI(options).responses(id),
  },
  openai: createOpenAI,
});

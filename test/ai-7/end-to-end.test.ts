import { testEndToEnd } from '../suites/end-to-end/test-end-to-end.ts';
import { ai7 } from './generation.ts';
import { ai, createOpenAI } from './sdk.ts';

testEndToEnd({
  sdk: ai7,
  ai,
  apis: {
    chat: options => id => createOpenAI(options).chat(id),
    responses: options => id => createOpenAI(options).responses(id),
  },
  openai: createOpenAI,
});

import { testFaults } from '../suites/faults/test-faults.ts';
import { ai6 } from './generation.ts';
import { createOpenAI } from './sdk.ts';

testFaults(ai6, {
  chat: options => id => createOpenAI(options).chat(id),
  responses: options => id => createOpenAI(options).responses(id),
});

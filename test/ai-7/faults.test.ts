import { testFaults } from '../suites/faults/test-faults.ts';
import { ai7 } from './generation.ts';
import { createOpenAI } from './sdk.ts';

testFaults(ai7, {
  chat: options => id => createOpenAI(options).chat(id),
  responses: options => id => createOpenAI(options).responses(id),
});

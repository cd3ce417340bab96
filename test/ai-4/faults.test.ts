import { testFaults } from '../suites/faults/test-faults.ts';
import { ai4 } from './generation.ts';
import { createOpenAI } from './sdk.ts';

// Strict: the real service, which tells the usage of streams.
testFaults(ai4, {
  chat: options => id => createOpenAI({ ...options, compatibility: 'strict' }).chat(id),
  responses: options => id => createOpenAI({ ...options, compatibility: 'strict' }).responses(id),
});

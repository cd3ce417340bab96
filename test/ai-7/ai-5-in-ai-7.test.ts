import { ai5 } from '../ai-5/generation.ts';
import { testOlderGeneration } from '../suites/older-generation.ts';
import { ai } from './sdk.ts';

testOlderGeneration(ai5, ai);

import { ai6 } from '../ai-6/generation.ts';
import { testOlderGeneration } from '../suites/older-generation.ts';
import { ai } from './sdk.ts';

testOlderGeneration(ai6, ai);

import { testResultConditions } from '../suites/result-conditions.ts';
import { ai4 } from './generation.ts';
import { ai } from './sdk.ts';

testResultConditions(ai4, ai);

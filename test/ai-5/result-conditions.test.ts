import { testResultConditions } from '../suites/result-conditions.ts';
import { ai5 } from './generation.ts';
import { ai } from './sdk.ts';

testResultConditions(ai5, ai);

import { testResultConditions } from '../suites/result-conditions.ts';
import { ai6 } from './generation.ts';
import { ai } from './sdk.ts';

testResultConditions(ai6, ai);

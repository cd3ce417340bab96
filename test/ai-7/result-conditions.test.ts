import { testResultConditions } from '../suites/result-conditions.ts';
import { ai7 } from './generation.ts';
import { ai } from './sdk.ts';

testResultConditions(ai7, ai);

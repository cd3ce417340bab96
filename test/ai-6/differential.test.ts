import { testDifferential } from '../suites/differential/test-differential.ts';
import { factories } from './generation.ts';
import { ai } from './sdk.ts';

testDifferential({ major: 6, ai, factories });

import { testComposition } from '../suites/composition.ts';
import { ai5, factories } from './generation.ts';
import { ai } from './sdk.ts';

testComposition({ sdk: ai5, ai, factories });

import { testComposition } from '../suites/composition.ts';
import { ai4, factories } from './generation.ts';
import { ai } from './sdk.ts';

testComposition({ sdk: ai4, ai, factories });

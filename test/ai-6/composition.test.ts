import { testComposition } from '../suites/composition.ts';
import { ai6, factories } from './generation.ts';
import { ai } from './sdk.ts';

testComposition({ sdk: ai6, ai, factories });

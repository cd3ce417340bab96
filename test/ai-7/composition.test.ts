import { testComposition } from '../suites/composition.ts';
import { ai7, factories } from './generation.ts';
import { ai } from './sdk.ts';

testComposition({ sdk: ai7, ai, factories });

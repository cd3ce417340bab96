import { testEndToEnd } from '../suites/end-to-end/test-end-to-end.ts';
import { ai4, apis, factories } from './generation.ts';
import { ai } from './sdk.ts';

testEndToEnd({ sdk: ai4, ai, apis, openai: factories.openai });

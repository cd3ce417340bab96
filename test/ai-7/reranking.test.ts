import { testReranking } from '../suites/reranking.ts';
import { ai } from './sdk.ts';

testReranking('v4', ai);

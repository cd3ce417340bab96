import { testModelKinds } from '../suites/model-kinds.ts';
import { ai, createOpenAI } from './sdk.ts';

testModelKinds({ major: 7, ai, openai: createOpenAI });

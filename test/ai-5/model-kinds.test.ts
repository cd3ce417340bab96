import { testModelKinds } from '../suites/model-kinds.ts';
import { ai, createOpenAI } from './sdk.ts';

testModelKinds({ major: 5, ai, openai: createOpenAI });

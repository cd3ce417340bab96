import { testModelKinds } from '../suites/model-kinds.ts';
import { ai, createOpenAI } from './sdk.ts';

testModelKinds({ major: 4, ai, openai: createOpenAI });

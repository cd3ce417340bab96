import { testModelKinds } from '../suites/model-kinds.ts';
import { ai, createOpenAI } from './sdk.ts';

testModelKinds({ major: 6, ai, openai: createOpenAI });

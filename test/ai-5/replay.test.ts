import { testReplay } from '../suites/replay.ts';
import {
  ai,
  createAnthropic,
  createGoogleGenerativeAI,
  createOpenAI,
  createOpenRouter,
} from './sdk.ts';

testReplay({
  major: 5,
  ai,
  factories: { createAnthropic, createGoogleGenerativeAI, createOpenAI, createOpenRouter },
});

import { testSideBySide } from '../suites/all.ts';
import { ai4 } from './generation.ts';

testSideBySide(ai4);

import { testSideBySide } from '../suites/all.ts';
import { ai5 } from './generation.ts';

testSideBySide(ai5);

import { testSideBySide } from '../suites/all.ts';
import { ai7 } from './generation.ts';

testSideBySide(ai7);

import { testSideBySide } from '../suites/all.ts';
import { ai6 } from './generation.ts';

testSideBySide(ai6);

import { testFaults } from '../suites/faults/test-faults.ts';
import { ai5, apis } from './generation.ts';

testFaults(ai5, apis);

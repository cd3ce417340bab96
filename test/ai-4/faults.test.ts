import { testFaults } from '../suites/faults/test-faults.ts';
import { ai4, apis } from './generation.ts';

testFaults(ai4, apis);

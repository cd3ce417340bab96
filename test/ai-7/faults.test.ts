import { testFaults } from '../suites/faults/test-faults.ts';
import { ai7, apis } from './generation.ts';

testFaults(ai7, apis);

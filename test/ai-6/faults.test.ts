import { testFaults } from '../suites/faults/test-faults.ts';
import { ai6, apis } from './generation.ts';

testFaults(ai6, apis);

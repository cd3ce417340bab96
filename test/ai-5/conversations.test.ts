import { testConversations } from '../suites/conversations.ts';
import { ai5 } from './generation.ts';

testConversations(ai5);

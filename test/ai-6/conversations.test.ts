import { testConversations } from '../suites/conversations.ts';
import { ai6 } from './generation.ts';

testConversations(ai6);

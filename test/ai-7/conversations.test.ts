import { testConversations } from '../suites/conversations.ts';
import { ai7 } from './generation.ts';

testConversations(ai7);

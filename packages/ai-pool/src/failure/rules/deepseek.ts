import { contentFilter } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** DeepSeek: the code is always invalid_request_error, so the sentence has to tell. */
export const deepseek: readonly Rule[] = [{ is: contentFilter, text: /content exists risk/ }];

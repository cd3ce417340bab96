import { modelNotFound, permissionOfTier, quota, rateLimit } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Amazon Bedrock: the exception's name stands in `x-amzn-errortype`. */
export const amazonBedrock: readonly Rule[] = [
  { is: quota, status: /429/, text: /per day/ },
  { is: quota, code: /service quota/ },
  // "Too many tokens, please wait" is a throttle, not a long prompt.
  { is: rateLimit, code: /throttling/ },
  { is: permissionOfTier, text: /access to the model|model access is denied/ },
  // The id needs an inference profile: no key of this account can call it like that.
  { is: modelNotFound, text: /on-demand throughput/ },
];

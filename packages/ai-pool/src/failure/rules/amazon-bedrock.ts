import { modelNotFound, permissionOfTier } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Amazon Bedrock: the exception's name stands in `x-amzn-errortype`. */
export const amazonBedrock: readonly Rule[] = [
  { is: permissionOfTier, text: /access to the model|model access is denied(?!.*payment)/ },
  // The id needs an inference profile: no key of this account can call it like that.
  { is: modelNotFound, text: /on-demand throughput/ },
];

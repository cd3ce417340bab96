import {
  billingOfKey,
  modelError,
  modelNotFound,
  overloaded,
  rateLimitOfKey,
  upstreamError,
} from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** LiteLLM proxy: its own limits are the virtual key's; `litellm.XError` wraps an upstream's. */
export const litellm: readonly Rule[] = [
  { is: billingOfKey, text: /over budget|budget has|exceeded\w*budget/ },
  { is: modelNotFound, text: /litellm\.notfound|invalid model name|llm provider not/ },
  // The proxy's deployments are cooling or limited: another virtual key does not help.
  {
    is: overloaded,
    text: /no deployments available|litellm\.(ratelimit|serviceunavailable)/,
  },
  { is: modelError, text: /"tool_use_failed"/ },
  { is: upstreamError, status: /40[123]/, text: /litellm\.\w+error/ },
  { is: modelError, status: /5../, text: /litellm\.\w+error/ },
  { is: rateLimitOfKey, status: /429/ },
];

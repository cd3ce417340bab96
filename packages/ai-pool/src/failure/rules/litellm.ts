import {
  billingOfKey,
  contentFilter,
  contextLength,
  modelError,
  modelNotFound,
  overloaded,
  permissionOfModel,
  rateLimitOfKey,
  timeout,
  upstreamError,
} from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** LiteLLM proxy: its own limits are the virtual key's; `litellm.XError` wraps an upstream's. */
export const litellm: readonly Rule[] = [
  { is: billingOfKey, text: /over budget|budget has|exceeded\w*budget/ },
  { is: permissionOfModel, code: /model access denied/ },
  { is: contextLength, text: /litellm\.contextwindow/ },
  { is: contentFilter, text: /litellm\.contentpolicy/ },
  { is: modelNotFound, text: /litellm\.notfound|invalid model name|llm provider not/ },
  { is: timeout, text: /litellm\.timeout/ },
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

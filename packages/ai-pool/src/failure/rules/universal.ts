import type { Evidence } from '../evidence.ts';
import {
  auth,
  authExpired,
  authOfAccount,
  badRequest,
  billing,
  billingOfKey,
  blocked,
  contentFilter,
  contextLength,
  modelError,
  modelNotFound,
  overloaded,
  permission,
  permissionOfModel,
  quota,
  rateLimit,
  serverError,
  timeout,
  tooLarge,
  unsupported,
  badResponse,
} from '../outcomes.ts';
import type { Rule } from './rule.ts';

const number = (text: string | undefined): number => Number((text ?? '').replaceAll(',', ''));

/** One request asks for more than the whole limit: no wait makes it fit. */
const exceedsLimit = ({ text }: Evidence): boolean => {
  const [, limit, requested] =
    /\blimit:? ([\d,]+)[^\d]{1,12}(?:used:? [\d,]+[^\d]{1,12})?requested:? ([\d,]+)/.exec(text) ??
    [];
  return number(requested) > number(limit);
};

/** Codes that mean the same wherever they appear; the most telling first. */
export const codes: readonly Rule[] = [
  {
    is: tooLarge,
    status: /^(|413|429)$/,
    text: /request too large|requested/,
    when: e => /request too large/.test(e.text) || exceedsLimit(e),
  },
  {
    is: billing,
    code: /\b(insufficient_(quota|credits?|balance|funds)|credit_\w*(exhausted|depleted|limit)|credits_\w+|billing_\w+|payment_required|out_of_credits|customer_verification_required|blocked_api_access|spend_limit\w*)\b/,
  },
  { is: billingOfKey, code: /\bbudget_exceeded\b/ },
  {
    is: authOfAccount,
    code: /\b(account|organi[sz]ation|user|team|consumer)_(deactivated|disabled|suspended|restricted|banned|terminated)\b/,
  },
  { is: authExpired, code: /\b\w*token_expired|expired_token(_exception)?\b/ },
  {
    is: auth,
    code: /\b((invalid|wrong|incorrect|missing|expired|revoked)_api_key|api_key_(invalid|expired|not_found)|token_not_found_in_db|invalid_(token|authentication)|unrecognized_client_exception|\w+_signature_exception|missing_authentication_token\w*)\b/,
  },
  { is: blocked, code: /\bunsupported_country\w*/ },
  { is: permission, code: /\b(missing_scope|insufficient_permissions?|ip_not_authorized)\b/ },
  { is: permissionOfModel, code: /\b\w*model_(access_denied|permission\w*)\b/ },
  {
    is: contextLength,
    code: /\b(context_(length|window)_exceeded\w*|\w*prompt_too_long|input_too_long|model_max_prompt_tokens_exceeded)\b/,
  },
  {
    is: badRequest,
    code: /\b(string_above_max_length|array_above_max_length|invalid_encrypted_content|previous_response_not_found|invalid_(function_parameters|json_schema))\b/,
  },
  {
    is: contentFilter,
    code: /\b(content_(filter\w*|policy_violation)|responsible_aipolicy_violation|moderation_\w+|data_inspection_failed|safety_\w+|prompt_blocked|content_moderation\w*)\b/,
  },
  { is: contentFilter, code: /\binvalid_prompt\b/, text: /flagged|polic/ },
  // The organisation lacks something, not the model.
  {
    is: unsupported,
    code: /\b(unsupported_(parameter|value|model|media\w*|file\w*)|unknown_(parameter|field)|extra_forbidden|literal_error|operation_not_supported|model_feature_not_supported)\b/,
    when: e => !/must be verified/.test(e.text),
  },
  {
    is: tooLarge,
    code: /\b(request_too_large|tokens_limit_reached|payload_too_large|request_entity_too_large)\b/,
  },
  {
    is: overloaded,
    code: /\b(\w*overloaded(_error)?|slow_down|\w*capacity_exceeded|over_capacity|no_capacity|queue_exceeded|model_not_ready_exception|service_unavailable\w*|unavailable|\w*currently_unavailable)\b/,
  },
  // The model's own bad output.
  {
    is: modelError,
    code: /\b(tool_use_failed|json_validate_failed|output_parse_failed|model_error_exception|model_stream_error_exception)\b/,
  },
  {
    is: permissionOfModel,
    code: /\b(model_not_found|deployment_not_found)\b/,
    when: e => e.status === 403 || /access/.test(e.text),
  },
  {
    is: modelNotFound,
    code: /\b(model_(not_found|not_available|deprecated|decommissioned|not_supported)|(invalid|unknown|no_such)_model|deployment_not_found)\b/,
  },
  // Days and months roll over at their own time; where a code says so, the hint is the truth.
  {
    is: quota,
    status: /^(|429)$/,
    text: /(\/|per|this) ?(day|month)\b|daily|monthly/,
    when: e => !/\brate_limit_(exceeded|error)\b/.test(e.codes),
  },
  {
    is: rateLimit,
    code: /\b(\w*rate_limit(s|ed|_exceeded|_error|_reached)?|too_many_requests(_error)?|throttl\w+|\w*_quota_exceeded|dynamic_(request|token)_limited)\b/,
    status: /^(?!50[34])/,
  },
  {
    is: timeout,
    code: /\b(model_timeout_exception|request_timeout|timeout(_error)?|deadline_exceeded)\b/,
  },
];

const noStatus = /^$/;

/** What a code or sentence means where there is no status: streams and errors inside of a 200. */
export const statusless: readonly Rule[] = [
  {
    is: rateLimit,
    status: noStatus,
    text: /rate.?limit|too many requests|throttl|quota exceeded|exceeded your current quota|per (minute|second|hour)/,
  },
  { is: rateLimit, status: noStatus, code: /\bresource_exhausted\b/ },
  {
    is: auth,
    status: noStatus,
    code: /\b(authentication_error|unauthenticated|unauthorized|authentication)\b/,
  },
  {
    is: permission,
    status: noStatus,
    code: /\b(permissions?_(error|denied)|access_denied\w*|forbidden)\b/,
  },
  {
    is: modelNotFound,
    status: noStatus,
    code: /\b(not_found(_error)?|resource_not_found_exception)\b/,
  },
  {
    is: badRequest,
    status: noStatus,
    code: /\b(invalid_(request|argument|prompt)\w*|bad_request\w*|failed_precondition|validation_exception)\b/,
  },
  { is: timeout, status: noStatus, text: /timed? ?out|deadline/ },
  {
    is: serverError,
    status: noStatus,
    code: /\b(server_error|api_error|internal\w*|upstream_error)\b/,
  },
  {
    is: serverError,
    status: noStatus,
    text: /internal (server )?error|server (had an )?error|unexpected error|provider returned error|upstream|bad gateway|disconnected/,
  },
  { is: badResponse, status: noStatus, text: /\bjson\b|unexpected (token|end)/ },
];

import {
  auth,
  authExpired,
  authOfAccount,
  badRequest,
  billing,
  blocked,
  contentFilter,
  contextLength,
  modelNotFound,
  overloaded,
  permission,
  permissionOfModel,
  permissionOfTier,
  tooLarge,
  unsupported,
} from '../outcomes.ts';
import type { Rule } from './rule.ts';

export const aboutBilling: RegExp =
  /insufficient[ _](credit|balance|fund|quota)|credit balance|(credits?|prepa\w+)\b[^.]{0,30} (depleted|exhausted|used up|ran out|run out|expired)|(used all|run out of|out of|no|not enough|any|enough|sufficient)( \w+)? (credits?|balance|funds)\b|billing (to be|is not|isn't|has not|not|hard limit)|payment required|(credit|spend|spending|billing|usage) (limit|cap)s?\b[^.]{0,30}(reached|exceed)|(reach|exceed|hit)\w*[^.]{0,40}(spend|spending|billing|credit) (limit|cap)|past invoices|unpaid|account is not active|valid credit card|payment (information|failed|is overdue)/;

export const aboutContext: RegExp =
  /context[ _-]?(length|window|limit|size)|maximum (context|prompt|input) (length|size|tokens)|(prompt|input|messages?|conversation|text) (is |are |was )?too long|too many (input |prompt |total )?tokens|maximum number of (input )?tokens|(input|prompt|request) (token count|tokens?|length)\b.{0,60} exceed|current length is|reduce the length of|tokens? in the prompt|prompt (contains|has) \d+ tokens|tokens? limit exceeded|input tokens exceed/;

export const aboutFilter: RegExp =
  /content (management|filter\w*|moderation|safety) polic|content[ _-]?filter|content exists risk|violat\w*[^.]{0,40} (guideline|polic|terms)|flagged (for|as|by)|was flagged|requires moderation|(blocked|rejected|refused|filtered)[^.]{0,40} (safety|moderation|guardrail|content|polic)|safety (system|filter|check|reasons|settings)|prohibited (content|use)|inappropriate content|prompt injection|sensitive (content|words|information)/;

const aboutMaxTokens =
  /max\w*tokens\W{0,3} (must be|cannot|is too large|should be)|max\w*tokens: \d+ >|maximum tokens you requested|supports at most \d+ \w*\s?tokens/;

const denied = /^(|40[0134]|422)$/;
const request = /^(|40[034]|41[023]|422)$/;

/**
 * Narrow sentences of providers in general: for refusals (4xx, or an error without a status) that
 * no code explains. A 429 is never about the request, whatever it advises.
 */
export const sentences: readonly Rule[] = [
  // Whose fault it is comes first: an account, a key, its rights.
  { is: billing, status: /^(|4(00|01|02|03|12|29))$/, text: aboutBilling },
  {
    is: authOfAccount,
    status: /^(|40[0134]|429)$/,
    text: /\b(account|organi[sz]ation|team|workspace|consumer)\b[^.,]{0,60} (deactivated|disabled|banned|restricted|suspended|terminated|blocked|locked)\b/,
  },
  { is: authExpired, status: denied, text: /token[^.]{0,40} (has |is )?expired|expired[ _]?token/ },
  {
    is: auth,
    status: denied,
    text: /(invalid|incorrect|wrong|missing|expired|revoked|no) (\w+ )?(x-)?(api|subscription|access)[ _-]?(key|token)|api[ _-]?key[^.]{0,40} (not valid|(is|are|was|has been) (\w+ )?(invalid|disabled|expired|revoked|incorrect|deleted|blocked|missing|required|leaked)|not found|expired|reported as)|no (auth|cookie|authentication|authorization)\b|invalid (auth|authentication|bearer|authorization|credential|token|proxy server token)|authentication (fail|error|credential)|security token|didn't provide an api key|unauthori[sz]ed|user not found/,
  },
  { is: permission, status: /^(|401|403)$/, text: /missing scopes?|insufficient permissions?/ },
  {
    is: permissionOfTier,
    status: denied,
    text: /organization must be verified|(upgrade|paid) [^.]{0,30}(plan|tier)[^.]{0,40} (model|access)/,
  },
  {
    is: permissionOfModel,
    status: denied,
    text: /(do not|don't|does not|doesn't|not|no|that you) have (the )?(access|permissions?) (to|for) (it\b|the (\w+ )?model|this model|(\w+ )?model)|not (allowed|authorized|permitted) to (access|use|call) (this |the )?model|inaccessible/,
  },
  {
    is: blocked,
    status: /^(|40[013]|451)$/,
    text: /(country|region|territory|location)[^.]{0,40} (not |un)(supported|available|allowed|permitted)|(not available|unavailable|not supported) in your (country|region|location)|legal reasons|^request not allowed|your network settings/,
  },
  // What the request asks for. Stored items belong to the account that made them.
  {
    is: badRequest,
    status: request,
    text: /invalid schema for|items? with id|response with id|string too long/,
  },
  { is: unsupported, status: request, text: aboutMaxTokens },
  { is: contextLength, status: request, text: aboutContext },
  {
    is: tooLarge,
    status: request,
    text: /(request|payload|body|image|file|entity)[^.]{0,30} (is )?(too large|exceeds? the (maximum|limit|size))/,
  },
  {
    is: unsupported,
    status: request,
    text: /no endpoints found that|not a chat model|(only|not) (supported|available) (in|with) (the )?\W?(v1\/|responses|chat|completions)/,
  },
  {
    is: modelNotFound,
    status: /^(|400|404|410|422)$/,
    text: /\bmodels?\b.{0,120}? (not found|not exist|is not a valid|deprecated|decommissioned|was removed|has been (removed|retired|sunset|shut ?down|discontinued)|no longer|retired|end of (its )?life|is not available|is unavailable|is not registered)|(unknown|invalid|no such|unable to access|non-existent|unrecognized) ([\w-]+ )?models?\b|not a valid model|no endpoints found|on-demand throughput|model identifier is invalid/,
  },
  { is: contentFilter, status: /^(|40[03]|422|451)$/, text: aboutFilter },
  {
    is: unsupported,
    status: request,
    text: /(not|n't) (yet |currently )?(be )?(supported|enabled|implemented|permitted|work)\b|(not|n't|not currently) support\b|\bunsupported\b|only supported|supported only|this model (only|requires|cannot|can't)|unknown (variant|parameter|field|name|argument)|unrecognized (request )?(argument|parameter|field)|unexpected (keyword )?(argument|parameter|field)|cannot find field|does not work with|not allowed for (this|the) model/,
  },
  {
    is: overloaded,
    status: /^(|4..|50[02])$/,
    text: /overloaded|(over|at|no|exceeded|insufficient) capacity|capacity (is |has been |was )?(exceeded|constraint|limit)|high (demand|traffic|load)|heavy load|too busy|server busy|temporarily (unavailable|overloaded|rate-limited upstream)|no (instances|deployments|healthy)|not ready (for|yet)|currently (loading|unavailable)|waiting for first token|maximum pending requests/,
  },
];

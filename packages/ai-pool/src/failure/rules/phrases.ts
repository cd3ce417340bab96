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
  permissionOfTier,
  rateLimit,
  timeout,
  tooLarge,
  unsupported,
  type Outcome,
} from '../outcomes.ts';

/** Words, what they mean, and the statuses under which a sentence may say them. */
export type Phrase = readonly [says: RegExp, is: Outcome, status: RegExp];

// A sentence is read on refusals and where there is no status. A 429 is never about the request,
// whatever it advises.
const anyRefusal = /^($|4)/;
const denial = /^($|40[0134]|42[29])/;
export const request: RegExp = /^($|40[034]|41|422)/;
/** Only as a code: said in a sentence, it is no news. */
const never = /^x/;

export const aboutBilling: RegExp =
  /insufficient quota|credit balance|credit \w*limit|(credits?|prepa\w+)\b[^.]{0,30} (depleted|exhausted|used up|r[au]n out|expired)|(used all|out of|enough|any|sufficient)( \w+)? (credits?|balance|funds)\b|no (\w+ )?credits? (left|remaining)|billing (to be|is not|not|hard|error|disabled)|payment required|(reach|exceed|hit)\w*[^.]{0,40} (spend\w*|billing|credit) (limit|cap)|(spend\w*|billing) (limit|cap)[^.]{0,30} (reached|exceed)|unpaid|account is not active|credit card on/;

export const aboutContext: RegExp =
  /context[ -]?(length|window|limit|size)|prompt length|(prompt|input|messages?|conversation) (is |are )?too long|too many (\w+ )?tokens|maximum number of (\w+ )?tokens|tokens \+|tokens?( count)?[^.]{0,30} exceed|reduce the length of|longer than the max/;

export const aboutFilter: RegExp =
  /content[ -](\w+ )?(polic|filter|moderat)|aipolicy|violat\w*[^.]{0,40} (guideline|polic|terms)|flagged|moderation|(blocked|rejected|refused|filtered)[^.]{0,40} (safety|guardrail|content|polic)|safety (system|filter|check|reason|setting)|prohibited content|inappropriate|prompt injection|sensitive (content|word)/;

/** Codes and sentences of providers in general; first match wins. */
export const phrases: readonly Phrase[] = [
  // Whose fault it is comes first: an account, a key, its rights.
  [aboutBilling, billing, anyRefusal],
  [/^budget (has been )?exceeded/m, billingOfKey, anyRefusal],
  [
    /\b(account|organi[sz]ation|team|workspace|consumer)([^.,]{0,60} (is|was|been)( \w+)?)? (deactivated|disabled|banned|restricted|suspended|terminated|blocked)\b(?! (by|due))/,
    authOfAccount,
    anyRefusal,
  ],
  [/token[^.]{0,40} expired|expired token/, authExpired, denial],
  [
    /(invalid|incorrect|wrong|missing|expired|revoked|no) (\w+ )?(x-)?(api|access)[ -]?(key|token)|api[ -]?key[^.]{0,40} (not valid|invalid|incorrect|disabled|expired|revoked|deleted|blocked|missing|required|leaked|not found)|invalid (auth|bearer|credential)|^invalid token$|security token|unrecognized client|signature (exception|we)|missing auth|token not found in/m,
    auth,
    denial,
  ],
  [/missing scope|insufficient permission|ip not authorized/, permission, denial],
  [/(upgrade|paid)[^.]{0,30} (plan|tier)[^.]{0,40} (model|access)/, permissionOfTier, denial],
  [
    /(n't|not?|that you) have (the )?access to (?!.{0,20}(resource|\bapi|endpoint|feature|organi|project|account))|not (allowed|authorized|permitted) to [^.]{0,20}model|not found, inacc|deployment not found|model (access denied|permission)/,
    permissionOfModel,
    denial,
  ],
  [
    /unsupported countr|\b(country|region|territory|user location)\b[^.]{0,40} not (supported|available|allowed)|(available|supported) in your (country|region)/,
    blocked,
    anyRefusal,
  ],
  // What the request asks for. Stored items belong to the account that made them.
  [
    /invalid (json )?schema|invalid function param|items? with id|previous response|response with id|encrypted content|above max length|string too long/,
    badRequest,
    request,
  ],
  [
    /(?<!\+ \W?)max\w*tokens(\W{0,3} (must be (?!gr)|cannot|is too large|should be)|[^.]{0,20} exceed(?!s? context)|: \d+ >)|maximum tokens you requested|supports at most \d+ (\w+ )?tokens/,
    unsupported,
    request,
  ],
  [aboutContext, contextLength, request],
  [
    /(request|payload|body|image|file|entity)[^.]{0,30} (too large|exceeds? (\w+ ){0,3}(maximum|limit|size))|tokens limit reached/,
    tooLarge,
    request,
  ],
  [
    /\bmodels?\b((?!tool|function|file|param|url).){0,100}? (not found|not exist|not a valid|deprecated|decommissioned|removed|retired|sunset|discontinued|no longer|end.of.(its.)?life|not available|unavailable)|(unknown|invalid|no such|unrecognized) ([\w-]+ )?models?\b|model not supported|not a valid model|identifier is invalid/,
    modelNotFound,
    request,
  ],
  [aboutFilter, contentFilter, request],
  [
    /(not|n't) (\w+ )?(supported|enabled|implemented|permitted|work|support)\b|\bunsupported\b|only supported|supported only|this model (only|requires|cannot|can't)|(unknown|unrecognized|unexpected) (\w+ )?(variant|parameter|field|name|argument)|cannot find field|extra forbidden|literal error|not allowed for/,
    unsupported,
    request,
  ],
  [
    /overloaded|^slow down$|queue exceeded|capacity|high (demand|traffic|load)|heavy load|\bbusy|temporarily (unavailable|rate-limited upstream)|service unavailable|^unavailable$|no (instances|deployments|healthy)|not ready|currently (loading|unavailable)|for first token|pending requests/m,
    overloaded,
    anyRefusal,
  ],
  // The model's own bad output.
  [/tool use failed|validate failed|parse failed|model (stream )?error/, modelError, never],
  [
    /rate limit|too many requests|throttl|quota exceeded|request limited|token limited/,
    rateLimit,
    never,
  ],
  [/timed? ?out|deadline/, timeout, never],
];

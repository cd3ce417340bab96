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
  /insufficient (user )?quota|(quota|balance) (is )?(not enough|insufficient)|credit balance|(credits?|prepa\w+)\b[^.]{0,30} (depleted|exhausted|used up|r[au]n out|expired)|(used all|out of|enough|any|sufficient|exhausted)( \w+){0,2} (credits?|balance|funds)\b|no (\w+ )?credits? (left|remaining)|billing (to be|(is )?not|hard|error|disabled)|payment (required|instrument)|customer verification|(reach|exceed|hit)\w*[^.]{0,40} (spend\w*|billing|credit) (limit|cap)|(spend\w*|billing|credit) (limit|cap)[^.]{0,30} (reached|exceed)|overdue|arrear|余额/;

export const aboutContext: RegExp =
  /context[ -]?(length|window|limit|size)|prompt length|(prompt|input|messages?|conversation) ((is |are )?too long|exceeds max)|input length should|less than \d+ tokens|model token limit|tokens \+|tokens?[^.]{0,30} exceed|reduce the length of/;

export const aboutFilter: RegExp =
  /content[ -]?(\w+ )?(polic|filter|moderat)|violat\w*[^.]{0,40} (guideline|polic|terms)|flagged|(?<!-)moderation|(blocked|rejected|refused|filtered)[^.]{0,40} (guardrail|content|polic)|\bsafety\b|(prohibited|inappropriate|sensitive) (content|word)|prompt injection|data inspection|content exists risk|^invalid prompt$/m;

/** Codes and sentences of providers in general; first match wins. */
export const phrases: readonly Phrase[] = [
  // Whose fault it is comes first: an account, a key, its rights.
  [aboutBilling, billing, anyRefusal],
  [/^budget (has been )?exceeded/m, billingOfKey, anyRefusal],
  [
    /\b(account|organi[sz]ation|team|workspace|consumer)([^.,]{0,60} (is|was|been)( \w+)?)? (deactivated|disabled|banned|restricted|suspended|terminated|blocked)\b(?! (by|due))|consumer invalid/,
    authOfAccount,
    anyRefusal,
  ],
  [/token[^.]{0,40} expired|expired token/, authExpired, denial],
  [
    /(invalid|incorrect|wrong|missing|expired|revoked|no) (\w+ )?(x-)?(api|access)[ -]?(key|token)|api[ -]?key[^.:]{0,40} (not valid|invalid|incorrect|disabled|expired|revoked|deleted|missing|required|leaked|not found)|(invalid|missing) (auth|bearer|credential)|^invalid token$|unrecognized client|signature (exception|we)/m,
    auth,
    denial,
  ],
  [
    /missing scope|insufficient permission|permission '.{0,60} denied|ip not authorized/,
    permission,
    denial,
  ],
  [
    /model not open|use case details|subscription tier|free tier only|blocked org$|terms required/m,
    permissionOfTier,
    denial,
  ],
  [
    /(n't|not?|that you) have (the )?access to (?!.{0,20}(resource|\bapi|endpoint|organi|project|account))|not (allowed|authorized|permitted) to [^.]{0,20}model|not found, inacc|deployment not found|access to (the )?model .{0,80}(denied|restricted)|no access\b|unpurchased|acls missing|model (access denied|permission|.{0,80} or permission)/,
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
    /invalid schema|(item|response|conversation|container|prompt|vector store)s? with id|external connector|(file|cached ?content)\b[^.]{0,60} (not found|not exist)|no such file/,
    badRequest,
    request,
  ],
  [
    /(?<!\+ \W?)max\w*tokens(\W{0,3} (must be (?!gr)|cannot|is too large|should be|value)|: \d+ >)|maximum tokens you requested/,
    unsupported,
    request,
  ],
  [aboutContext, contextLength, request],
  [
    /(request|payload|body|image|file|entity)[^.]{0,30} (too large|exceeds? (\w+ ){0,3}(maximum|limit|size))/,
    tooLarge,
    request,
  ],
  [
    /\bmodels?\b((?!tool|function|file|param|url).){0,100}? (not found|not exist|deprecated|decommissioned|removed|retired|discontinued|no longer|end.of.{0,4}life|not available|unavailable)|(unknown|invalid|no such|unrecognized) ([\w-]+ )?models?\b|model not supported|not a valid model|not servable|model identifier/,
    modelNotFound,
    request,
  ],
  [aboutFilter, contentFilter, request],
  [
    /(not|n't) (\w+ )?(support|enabled|implemented|permitted|work)|\bunsupported\b|only supported|(this model|tool choice) (only|requires|cannot|can't)|cannot[^.]*this model|cannot be used with|not a \w+ model|type is unavailable|not one of the allowed|cannot be disabled|(unknown|unrecognized|unexpected) (\w+ )?(variant|parameter|field|name|argument)|extra forbidden|literal error|not allowed for|ends? with a user/,
    unsupported,
    request,
  ],
  [
    /overloaded|^slow down$|queue exceeded|capacity|(high|heavy) (demand|traffic|load)|\bbusy|unavailable\b(?! for)|no (instances|deployments|healthy)|not ready|currently loading|degraded function|unable to process your/m,
    overloaded,
    anyRefusal,
  ],
  // The model's own bad output.
  [/tool use failed|validate failed|parse failed|model (stream )?error/, modelError, never],
  [/rate limit|too many requests|throttl|quota exceeded/, rateLimit, never],
  [/timed? ?out|deadline/, timeout, never],
];

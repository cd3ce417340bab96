import type { Evidence } from './evidence.ts';
import type { Family } from './family.ts';
import type { Outcome } from './outcomes.ts';
import { read } from './read.ts';
import { nextReset } from './resets.ts';
import { amazonBedrock } from './rules/amazon-bedrock.ts';
import { anthropic } from './rules/anthropic.ts';
import { azure } from './rules/azure.ts';
import { cohere } from './rules/cohere.ts';
import { fireworks } from './rules/fireworks.ts';
import { gateway } from './rules/gateway.ts';
import { google } from './rules/google.ts';
import { groq } from './rules/groq.ts';
import { litellm } from './rules/litellm.ts';
import { mistral } from './rules/mistral.ts';
import { ollama } from './rules/ollama.ts';
import { openai } from './rules/openai.ts';
import { openrouter } from './rules/openrouter.ts';
import { decideBy, type Rule } from './rules/rule.ts';
import { byStatus } from './rules/status.ts';
import { decideUniversally } from './rules/universal.ts';
import { statedWait } from './stated-wait.ts';
import type { Verdict } from './verdict.ts';

/** Families whose answers the general rules do not tell, and their rules. */
const families: Readonly<Partial<Record<Family, readonly Rule[]>>> = {
  openai,
  anthropic,
  openrouter,
  google,
  'google-vertex': google,
  azure,
  groq,
  mistral,
  'amazon-bedrock': amazonBedrock,
  cohere,
  fireworks,
  ollama,
  litellm,
  gateway,
  // Whoever speaks OpenAI's protocol mostly speaks its sentences too.
  'openai-compatible': openai,
};

/** Bodies that only one family writes: a proxy may pass them on under any name. */
function foreignRules({ family, things, headers, text, codes }: Evidence): readonly Rule[] {
  // google.rpc.Status: a number beside a name in capitals
  const isGoogle = things.some(
    thing =>
      typeof read(thing, 'code') === 'number' && /^[A-Z_]{5,}$/.test(String(read(thing, 'status'))),
  );
  if (isGoogle) return google;
  if (headers['x-amzn-errortype'] !== undefined) return amazonBedrock;
  if (text.startsWith('litellm.')) return litellm;
  // Often called through an OpenAI client.
  return (family ?? 'openai').startsWith('openai') &&
    /openrouter|no endpoints found|provider returned error|free-models-per/.test(codes + text)
    ? openrouter
    : [];
}

function decide(evidence: Evidence): Outcome {
  const { family, html } = evidence;
  return (
    (html
      ? undefined
      : (decideBy(foreignRules(evidence), evidence) ??
        decideBy(families[family ?? 'openai-compatible'] ?? [], evidence) ??
        decideUniversally(evidence))) ?? byStatus(evidence)
  );
}

const healsByTime = /^(rate-limit|quota|overloaded|server-error|timeout)$/;

/** A stated delay below this is not believed where a daily limit has a documented reset. */
const shortestDaily = 600_000;

/** An outcome and its time. */
export function toVerdict(
  { kind, scope, action, permanent, shared, reset }: Outcome,
  evidence: Evidence | undefined,
  now: number,
): Verdict {
  let wait: number | undefined;
  let source: Verdict['source'] = 'guessed';
  if (evidence !== undefined && !permanent && scope !== 'request' && healsByTime.test(kind)) {
    wait = statedWait(evidence, now, kind);
    if (reset === 'pacific-day' && wait !== undefined && wait < shortestDaily) wait = undefined;
    if (wait !== undefined) {
      source = 'stated';
    } else if (reset !== undefined) {
      wait = nextReset(reset, now) - now;
      source = 'documented';
    }
  }
  const status = evidence?.status ?? evidence?.guessedStatus;
  return {
    kind,
    scope,
    action,
    retryAfterMs: wait === undefined ? null : Math.round(wait),
    source,
    permanent,
    ...(shared ? { sharedBy: 'account' } : {}),
    ...(status === undefined ? {} : { status }),
  };
}

export function classifyEvidence(evidence: Evidence, now: number): Verdict {
  return toVerdict(decide(evidence), evidence, now);
}

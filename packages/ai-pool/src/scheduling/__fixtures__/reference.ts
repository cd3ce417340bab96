// What a pool has to do, written down once more and as plainly as possible: every scope by its
// name, all of them looked at each time. It imports nothing of the pool's.

/** How upstream answers. */
export type Failing =
  | 'limited'
  | 'limited for 3 s'
  | 'limited for an hour'
  | 'bad key'
  | 'forbidden'
  | 'gone'
  | 'broken'
  | 'unreachable'
  | 'busy'
  | 'busy for 2 s'
  | 'too long'
  | 'mistake';
export type Outcome = 'ok' | Failing;

export interface Target {
  readonly provider: string;
  readonly key: string;
  readonly account: string | undefined;
  readonly model: string;
}

/** One attempt, as upstream sees it. */
export interface Attempt {
  readonly target: Target;
  /** Its place among all attempts and closures. */
  readonly sequence: number;
}

interface Failure {
  /** The scope that it closes; undefined: it speaks about the request. */
  readonly scope?: (target: Target) => string;
  /** Closed until somebody acts, or until a later attempt gets through. */
  readonly isPermanent?: boolean;
  /** What the provider states, in ms. */
  readonly statedMs?: number;
  /** The first pause where nothing is stated, in ms. Default: 1 s. */
  readonly firstMs?: number;
  /** Trouble of a model, a provider or the way to it: what is guessed of it is a preference. */
  readonly isTrouble?: boolean;
}

const ofKeyOnModel = ({ provider, key, model }: Target): string =>
  `key-model ${provider}/${key}/${model}`;
const ofModel = ({ provider, model }: Target): string => `model ${provider}/${model}`;
const ofProvider = ({ provider }: Target): string => `provider ${provider}`;
const ofNetwork = ({ provider }: Target): string => `network ${provider}`;
const ofKey = ({ provider, key }: Target): string => `key ${provider}/${key}`;
const ofAccountOnModel = ({ provider, account, model }: Target): string =>
  `account ${provider}/${account}/${model}`;

const limit: Failure = {
  scope: target =>
    target.account === undefined ? ofKeyOnModel(target) : ofAccountOnModel(target),
};
const trouble: Failure = { isTrouble: true };

export const FAILURES: Readonly<Record<Failing, Failure>> = {
  limited: limit,
  'limited for 3 s': { ...limit, statedMs: 3_000 },
  'limited for an hour': { ...limit, statedMs: 3_600_000 },
  'bad key': { scope: ofKey, isPermanent: true },
  forbidden: { scope: ofKeyOnModel, isPermanent: true },
  gone: { scope: ofModel, isPermanent: true },
  broken: { ...trouble, scope: ofProvider },
  unreachable: { ...trouble, scope: ofNetwork },
  busy: { ...trouble, scope: ofModel, firstMs: 2_000 },
  'busy for 2 s': { ...trouble, scope: ofModel, statedMs: 2_000 },
  'too long': {},
  mistake: {},
};

/** What closed a scope: a guess about how long, the provider's word, a failure for good, a hand. */
type By = 'guess' | 'word' | 'failure' | 'hand' | 'hand for good';

interface Scope {
  readonly name: string;
  /** Undefined: it is open. */
  by: By | undefined;
  until: number;
  strikes: number;
  /** Its place among all attempts and closures. */
  closedAt: number;
  probe: { readonly attempt: Attempt; readonly since: number } | undefined;
  /** It failed too often: its probe alone opens it. */
  onlyByProbe: boolean;
  /** How long it is used slowly once it opens, in ms; Infinity: only the pool knows. */
  slowMs: number;
  slowUntil: number;
}

/** What a scope allows: so many attempts at once, and so many that begin within a minute. */
export interface Limit {
  readonly maxConcurrency?: number;
  readonly rpm?: number;
}

export interface Rules {
  /** What the scopes of a target allow. */
  readonly limitsOf: (target: Target) => readonly (readonly [name: string, limit: Limit])[];
  /** The pause in ms after a limit that states nothing: what the pool learns is its own affair. */
  readonly limitMs: number;
  /** The same after trouble; undefined: a guess that doubles. */
  readonly troubleMs: number | undefined;
  /** Whether what a failure closed for good is tried again. */
  readonly reprobe: boolean;
  /** So many limits within so many ms close their key for good; undefined: none do. */
  readonly disableAfter: { readonly failures: number; readonly windowMs: number } | undefined;
}

const STATES = ['ready', 'probing', 'cooling', 'disabled'] as const;
type State = (typeof STATES)[number];

/** What a call may hold of a target. */
export type Openness =
  /** Nothing speaks against it. */
  | 'open'
  /** A guess about its model, provider or network does. */
  | 'doubtful'
  /** It is used slowly after a pause: only the pool knows whether there is room now. */
  | 'slow'
  | 'closed';

const LONGEST_MS = 30_000;
const SETTLES_MS = 2_000;
const HOUR = 3_600_000;

export class Reference {
  /** What closed, in order: `cooled key a/k1 until 5`. */
  readonly closures: string[] = [];
  /** It cannot tell any more what the pool does. */
  isLost = false;
  readonly #now: () => number;
  readonly #rules: Rules;
  readonly #scopes = new Map<string, Scope>();
  /** How often in a row something failed, and when calls of it ended, by name. */
  readonly #inARow = new Map<string, number>();
  readonly #ends = new Map<string, { at: number; failed: boolean }[]>();
  readonly #limited = new Map<string, readonly number[]>();
  /** Attempts under way, and when those of the last minute began, by scope. */
  readonly #underWay = new Map<string, Set<Attempt>>();
  readonly #begun = new Map<string, number[]>();
  #sequence = 0;

  constructor(now: () => number, rules: Rules) {
    this.#now = now;
    this.#rules = rules;
  }

  /** An attempt begins. What has waited was handed out a little earlier than it is seen. */
  dispatch(target: Target, hasWaited: boolean): Attempt {
    const attempt = { target, sequence: ++this.#sequence };
    for (const scope of this.#scopesOf(target)) {
      if (this.#isDue(scope)) scope.probe = { attempt, since: this.#now() };
      // Which of the two is the probe?
      else if (hasWaited && scope.probe?.since === this.#now()) this.isLost = true;
    }
    for (const [name] of this.#rules.limitsOf(target)) {
      this.#underWay.set(name, (this.#underWay.get(name) ?? new Set()).add(attempt));
      this.#begun.set(name, [...(this.#begun.get(name) ?? []), this.#now()]);
    }
    return attempt;
  }

  /** How many attempts the limits of a target still allow now; Infinity where it has none. */
  room(target: Target): number {
    const endless = Number.POSITIVE_INFINITY;
    const rooms = this.#rules.limitsOf(target).map(([name, limit]) => {
      const { maxConcurrency = endless, rpm = endless } = limit;
      const lately = this.#begun.get(name)?.filter(at => at > this.#now() - 60_000) ?? [];
      return Math.min(maxConcurrency - (this.#underWay.get(name)?.size ?? 0), rpm - lately.length);
    });
    return Math.min(...rooms, endless);
  }

  succeed(attempt: Attempt): void {
    const { target } = attempt;
    this.#leaves(attempt);
    this.#ended(ofModel(target), false);
    this.#ended(ofProvider(target), false);
    this.#limited.delete(ofKey(target));
    for (const scope of this.#scopesOf(target)) {
      if (scope.by !== undefined) {
        if (isByHand(scope) || attempt.sequence < scope.closedAt) continue;
        if (scope.onlyByProbe && scope.probe?.attempt !== attempt) continue;
        this.#open(scope);
      }
      scope.strikes = 0;
    }
  }

  /** Its caller left: no verdict. */
  abort(attempt: Attempt): void {
    this.#leaves(attempt);
    for (const scope of this.#scopes.values()) {
      if (scope.probe?.attempt === attempt) scope.probe = undefined;
    }
  }

  fail(attempt: Attempt, failure: Failure): void {
    this.abort(attempt);
    const { target } = attempt;
    if (failure.scope === undefined) return;
    const scope = this.#scope(failure.scope(target));
    if (failure.isPermanent === true) this.#disable(scope);
    else if (failure.isTrouble === true) {
      const name = scope.name.startsWith('model') ? scope.name : ofProvider(target);
      this.#cool(scope, failure, attempt, this.#ended(name, true));
    } else {
      this.#cool(scope, failure, attempt, false);
      this.#countAgainst(target);
    }
  }

  coolDown(name: string, ms: number): void {
    const scope = this.#scope(name);
    clear(scope);
    scope.slowMs = 0;
    this.#close(scope, 'hand', this.#now() + ms);
  }

  disable(name: string): void {
    const scope = this.#scope(name);
    clear(scope);
    this.#close(scope, 'hand for good', Number.POSITIVE_INFINITY);
  }

  enable(name: string): void {
    const scope = this.#scope(name);
    clear(scope);
    scope.strikes = 0;
    scope.slowMs = 0;
    scope.slowUntil = 0;
  }

  /** @param mine whether a scope is gone over, by its name */
  reset(mine: (name: string) => boolean, includeDisabled: boolean): void {
    for (const scope of this.#scopes.values()) {
      if (mine(scope.name) && (includeDisabled || !isForGood(scope))) this.enable(scope.name);
    }
  }

  /** The worst of a target's scopes, as a status shows it. */
  state(target: Target): { readonly state: State; readonly until?: number } {
    let [state, until]: [State, number] = ['ready', 0];
    for (const scope of this.#scopesOf(target)) {
      const own = this.#stateOf(scope);
      const isWorse = STATES.indexOf(own) - STATES.indexOf(state);
      if (own === 'ready' || isWorse < 0 || (isWorse === 0 && scope.until <= until)) continue;
      [state, until] = [own, scope.until];
    }
    return state === 'ready' || state === 'disabled' ? { state } : { state, until };
  }

  openness(target: Target): Openness {
    if (this.room(target) <= 0) return 'closed';
    let found: Openness = 'open';
    for (const scope of this.#scopesOf(target)) {
      const isSlow = scope.by === undefined && this.#now() < scope.slowUntil;
      if (scope.by !== undefined && !this.#isDue(scope)) {
        if (!isPreference(scope)) return 'closed';
        if (found === 'open') found = 'doubtful';
      } else if (isSlow || this.#isDue(scope)) found = 'slow';
    }
    return found;
  }

  #leaves(attempt: Attempt): void {
    for (const underWay of this.#underWay.values()) underWay.delete(attempt);
  }

  #cool(scope: Scope, failure: Failure, attempt: Attempt, isTooMuch: boolean): void {
    if (isForGood(scope) || isByHand(scope)) return;
    const { statedMs, firstMs = 1_000 } = failure;
    if (failure.isTrouble === true) scope.slowMs = Math.max(scope.slowMs, 5_000);
    else scope.slowMs = Number.POSITIVE_INFINITY;
    // One wave of failures counts once, unless something is stated.
    const isSameWave = attempt.sequence < scope.closedAt;
    if (scope.by !== undefined) scope.onlyByProbe ||= isTooMuch;
    if (!isSameWave) scope.strikes++;
    else if (statedMs === undefined) return;
    const guessMs = Math.min(firstMs * 2 ** (scope.strikes - 1), LONGEST_MS);
    const { limitMs, troubleMs = guessMs } = this.#rules;
    const until = this.#now() + (statedMs ?? (failure.isTrouble === true ? troubleMs : limitMs));
    const isNew = scope.by === undefined || this.#now() >= scope.until;
    if (isNew || until > scope.until) {
      scope.until = until;
      scope.by = statedMs === undefined ? 'guess' : 'word';
    }
    scope.onlyByProbe ||= isTooMuch;
    scope.probe = undefined;
    if (!isSameWave) scope.closedAt = ++this.#sequence;
    if (isNew) this.#tell('cooled', scope);
  }

  #disable(scope: Scope): void {
    if (isByHand(scope)) return;
    const isNew = !isForGood(scope);
    if (isNew) scope.strikes = 1;
    else if (this.#now() >= scope.until) scope.strikes++;
    const pauseMs = Math.min(HOUR * 2 ** (scope.strikes - 1), 24 * HOUR);
    scope.until = this.#rules.reprobe ? this.#now() + pauseMs : Number.POSITIVE_INFINITY;
    scope.by = 'failure';
    scope.probe = undefined;
    scope.closedAt = ++this.#sequence;
    if (isNew) this.#tell('disabled', scope);
  }

  #close(scope: Scope, by: By, until: number): void {
    scope.by = by;
    scope.until = until;
    scope.closedAt = ++this.#sequence;
    this.#tell(by === 'hand' ? 'cooled' : 'disabled', scope);
  }

  #open(scope: Scope): void {
    clear(scope);
    scope.slowUntil = this.#now() + scope.slowMs;
  }

  /** Three failures in a row are too many. */
  #ended(name: string, failed: boolean): boolean {
    const now = this.#now();
    const ends = (this.#ends.get(name) ?? []).filter(({ at }) => at > now - 60_000);
    ends.push({ at: now, failed });
    this.#ends.set(name, ends);
    // Half of ten are too many as well, by a count that only the pool has.
    if (ends.length >= 10 && ends.filter(end => end.failed).length >= 5) this.isLost = true;
    const inARow = failed ? (this.#inARow.get(name) ?? 0) + 1 : 0;
    const isTooMuch = inARow === 3;
    this.#inARow.set(name, isTooMuch ? 0 : inARow);
    if (isTooMuch) this.#ends.delete(name);
    return isTooMuch;
  }

  /** A key that is limited again and again is closed for good, where the rules say so. */
  #countAgainst(target: Target): void {
    const { disableAfter } = this.#rules;
    if (disableAfter === undefined) return;
    const { failures, windowMs } = disableAfter;
    const recent = (this.#limited.get(ofKey(target)) ?? []).filter(
      at => at > this.#now() - windowMs,
    );
    const isTooMuch = recent.push(this.#now()) >= failures;
    this.#limited.set(ofKey(target), isTooMuch ? [] : recent);
    if (isTooMuch) this.#disable(this.#scope(ofKey(target)));
  }

  /** The one attempt may begin that finds out. */
  #isDue(scope: Scope): boolean {
    return scope.by !== undefined && scope.probe === undefined && this.#now() >= scope.until;
  }

  #stateOf(scope: Scope): State {
    if (scope.by === undefined) return 'ready';
    if (scope.probe !== undefined) return 'probing';
    if (isForGood(scope)) return 'disabled';
    return this.#now() < scope.until ? 'cooling' : 'ready';
  }

  #scopesOf(target: Target): Scope[] {
    const names = [ofProvider, ofNetwork, ofModel, ofKey, ofKeyOnModel, ofAccountOnModel];
    return names.map(nameOf => this.#scope(nameOf(target)));
  }

  #scope(name: string): Scope {
    const scope = this.#scopes.get(name) ?? {
      name,
      by: undefined,
      until: 0,
      strikes: 0,
      closedAt: 0,
      probe: undefined,
      onlyByProbe: false,
      slowMs: 0,
      slowUntil: 0,
    };
    this.#scopes.set(name, scope);
    this.#letTimePass(scope);
    return scope;
  }

  #letTimePass(scope: Scope): void {
    if (scope.by === undefined) return;
    const { probe } = scope;
    // What was not refused for a while has got through; what was stated is over when it says.
    const hasSettled =
      probe !== undefined && !isForGood(scope) && this.#now() >= probe.since + SETTLES_MS;
    const isOver =
      probe === undefined && (scope.by === 'word' || scope.by === 'hand') && this.#isDue(scope);
    if (hasSettled || isOver) this.#open(scope);
  }

  #tell(what: string, { name, until }: Scope): void {
    this.closures.push(what === 'cooled' ? `${what} ${name} until ${until}` : `${what} ${name}`);
  }
}

const isByHand = ({ by }: Scope): boolean => by === 'hand' || by === 'hand for good';
const isForGood = ({ by }: Scope): boolean => by === 'failure' || by === 'hand for good';
const isPreference = ({ name, by }: Scope): boolean =>
  by === 'guess' && /^(model|provider|network) /.test(name);

function clear(scope: Scope): void {
  scope.by = undefined;
  scope.probe = undefined;
  scope.onlyByProbe = false;
}

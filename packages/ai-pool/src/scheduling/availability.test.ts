import { createVirtualClock } from '@ai-pool/testing';
import { describe, expect, it } from 'vitest';
import { Availability, type Closure, type Dispatch } from './availability.ts';
import { Admission } from './barrier.ts';
import { Sharing } from './sharing.ts';

function made(scope: 'key' | 'model' = 'key', fixedMs?: number) {
  const clock = createVirtualClock(1_000_000);
  const told: string[] = [];
  let sequence = 0;
  const availability = new Availability(
    { scope, provider: 'p' },
    {
      clock,
      random: () => 0.5,
      nextSequence: () => ++sequence,
      fixedPauseMs: () => fixedMs,
      longestStatedMs: 86_400_000,
      reprobes: true,
      sharing: new Sharing(),
      tell: transition => told.push(transition),
      opened: () => undefined,
    },
  );
  return {
    availability,
    told,
    dispatch: (): Dispatch => ({ sequence: ++sequence }),
    cool: (closure: Partial<Closure> = {}, from?: Dispatch, probeOnly = false) =>
      availability.cool(
        { kind: 'rate-limit', source: 'guessed', retryAfterMs: null, error: undefined, ...closure },
        from,
        clock.now(),
        probeOnly,
      ),
    left: () => availability.until - clock.now(),
    check: () => availability.check(clock.now()),
    state: () => availability.state(clock.now()),
    pass: (ms: number) => clock.advance(ms),
    now: () => clock.now(),
  };
}

const stated = (retryAfterMs: number): Partial<Closure> => ({ source: 'stated', retryAfterMs });

describe('guessed pauses', () => {
  it('double with consecutive failures up to a minute, and start over after a success', async () => {
    const { cool, left, pass, dispatch, availability } = made();
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) {
      cool({}, dispatch());
      pauses.push(left());
      await pass(left());
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    availability.success(dispatch(), true);
    cool({}, dispatch());
    expect(left()).toBe(1_000);
  });

  it.each<[Closure['kind'], number]>([
    ['rate-limit', 1_000],
    ['server-error', 1_000],
    ['network', 1_000],
    ['bad-response', 1_000],
    ['overloaded', 2_000],
    ['timeout', 5_000],
    ['quota', 3_600_000],
  ])('%s begins at %i ms', (kind, ms) => {
    const { cool, left } = made();
    cool({ kind });
    expect(left()).toBe(ms);
  });

  it('count a wave of failures in flight together once', () => {
    const { cool, left, dispatch, told } = made();
    const wave = Array.from({ length: 50 }, dispatch);
    for (const one of wave) cool({}, one);
    expect(left()).toBe(1_000);
    expect(told).toEqual(['cooled']);
  });

  it('end by their probe alone once a circuit has opened, also where a wave opened it', async () => {
    const { availability, cool, check, dispatch, left, now, pass } = made('model');
    const wave = [dispatch(), dispatch(), dispatch()];
    wave.forEach((one, i) => cool({ kind: 'overloaded' }, one, i === 2));
    availability.success(dispatch(), true);
    expect(check()).toBe(Admission.preference);
    await pass(left());
    const probe = dispatch();
    expect(availability.begin(probe, now())).toBe(true);
    availability.success(dispatch(), true);
    expect(check()).toBe(Admission.preference);
    availability.success(probe, true);
    expect(check()).toBe(Admission.open);
  });

  it('are exactly what a setting says, without growth', async () => {
    const { cool, left, pass, dispatch } = made('key', 30_000);
    cool({}, dispatch());
    expect(left()).toBe(30_000);
    await pass(30_000);
    cool({}, dispatch());
    expect(left()).toBe(30_000);
  });

  it('end with one probe; others stay out until it is settled', async () => {
    const { cool, check, pass, dispatch, availability, now, state } = made();
    cool({}, dispatch());
    expect(check()).toBe(Admission.wall);
    await pass(1_000);
    expect(check()).toBe(Admission.probe);
    const probe = dispatch();
    availability.begin(probe, now());
    expect(state()).toBe('probing');
    expect(check()).toBe(Admission.wall);
    availability.success(probe, false);
    expect(check()).toBe(Admission.open);
  });

  it('count a probe of 2 s without refusal as settled, and take an aborted one back', async () => {
    const { cool, check, pass, dispatch, availability, now } = made();
    cool({}, dispatch());
    await pass(1_000);
    const first = dispatch();
    availability.begin(first, now());
    availability.returnProbe(first);
    expect(check()).toBe(Admission.probe);
    availability.begin(dispatch(), now());
    await pass(1_999);
    expect(check()).toBe(Admission.wall);
    await pass(1);
    expect(check()).toBe(Admission.open);
  });

  it('about a model are a preference, about a key a wall', () => {
    const model = made('model');
    model.cool({ kind: 'overloaded' });
    expect(model.check()).toBe(Admission.preference);
    model.cool({ kind: 'overloaded', ...stated(5_000) });
    expect(model.check()).toBe(Admission.wall);
  });
});

describe('a straggler of a wave', () => {
  it('does not close what has recovered since, unless it states a time', () => {
    const { cool, check, dispatch, availability } = made('model');
    const [first, late, later] = [dispatch(), dispatch(), dispatch()];
    cool({ kind: 'overloaded' }, first);
    availability.success(dispatch(), true);
    cool({ kind: 'overloaded' }, late);
    expect(check()).toBe(Admission.open);
    cool({ kind: 'overloaded', ...stated(5_000) }, later);
    expect(check()).toBe(Admission.wall);
  });
});

describe('stated pauses', () => {
  it('open at their end without a probe', async () => {
    const { cool, check, pass, told } = made();
    cool(stated(5_000));
    await pass(4_999);
    expect(check()).toBe(Admission.wall);
    await pass(1);
    expect(check()).toBe(Admission.open);
    expect(told).toEqual(['cooled', 'recovered']);
  });

  it('only extend', () => {
    const { cool, left, dispatch } = made();
    const [a, b, c] = [dispatch(), dispatch(), dispatch()];
    cool(stated(5_000), a);
    cool(stated(2_000), b);
    expect(left()).toBe(5_000);
    cool(stated(9_000), c);
    expect(left()).toBe(9_000);
  });

  it('are capped, documented ones are not', () => {
    const year = 365 * 86_400_000;
    const long = made();
    long.cool(stated(year));
    expect(long.left()).toBe(86_400_000);
    const documented = made();
    documented.cool({ source: 'documented', retryAfterMs: year });
    expect(documented.left()).toBe(year);
  });

  it('of zero mean at once; the second in a row counts as unstated', () => {
    const { cool, check, left, dispatch } = made();
    cool(stated(0), dispatch());
    expect(check()).toBe(Admission.open);
    cool(stated(0), dispatch());
    expect(left()).toBeGreaterThan(0);
    expect(check()).toBe(Admission.wall);
  });
});

describe('success', () => {
  it('clears a pause only when its attempt began after the pause', () => {
    const { cool, check, dispatch, availability } = made();
    const early = dispatch();
    cool({}, dispatch());
    availability.success(early, true);
    expect(check()).toBe(Admission.wall);
    availability.success(dispatch(), true);
    expect(check()).toBe(Admission.open);
  });
});

describe('disabled', () => {
  it('stays until a slow re-probe gets through: after 1 h, doubling to 24 h', async () => {
    const { availability, check, pass, dispatch, now, state, told } = made();
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      availability.disable({ kind: 'auth', error: undefined }, 'auth', dispatch(), now());
      expect(check()).toBe(Admission.wall);
      waits.push(availability.until - now());
      await pass(availability.until - now());
      expect(check()).toBe(Admission.probe);
      expect(state()).toBe('disabled');
    }
    expect(waits.map(ms => ms / 3_600_000)).toEqual([1, 2, 4, 8, 16, 24]);
    expect(told).toEqual(['disabled']);
    availability.success(dispatch(), true);
    expect(state()).toBe('ready');
    expect(told).toEqual(['disabled', 'recovered']);
  });

  it('is never expected by the clock', () => {
    const { availability, now } = made();
    availability.disable({ kind: 'auth', error: undefined }, 'auth', undefined, now());
    expect(availability.expectedAt(now())).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('closed by hand', () => {
  it('for a time is over when that is, whoever looks first', async () => {
    const { availability, cool, pass, now, state } = made();
    availability.coolByHand(1_000, now());
    await pass(999);
    availability.disable({ kind: 'auth', error: undefined }, 'auth', undefined, now());
    expect(state()).toBe('cooling');
    await pass(1);
    availability.disable({ kind: 'auth', error: undefined }, 'auth', undefined, now());
    expect(state()).toBe('disabled');
    availability.reopen();
    availability.coolByHand(1_000, now());
    await pass(1_000);
    cool(stated(5_000));
    expect(state()).toBe('cooling');
  });
});

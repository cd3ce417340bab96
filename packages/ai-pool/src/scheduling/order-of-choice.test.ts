import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scene, type Scene } from '../__fixtures__/scene.ts';

// Which target a call goes to while nothing fails, said once more in the plainest way: all keys
// are looked at each time, in lists.

const ROUTING = ['priority', 'sticky', 'round-robin', 'weighted'] as const;
const SELECTION = [
  'least-recently-used',
  'sticky',
  'round-robin',
  'least-used',
  'weighted',
] as const;

interface One {
  readonly name: string;
  /** Configured order; what is added comes last. */
  readonly place: number;
  weight: number;
  uses: number;
  lastUse: number;
  /** Where it stands in a race in which each use is a step of the inverse of the weight. */
  progress: number;
}

interface Group {
  readonly rule: string;
  readonly all: One[];
  /** Where round-robin begins, and what sticky stays at. */
  at: number;
  places: number;
  uses: number;
  progress: number;
}

const group = (rule: string): Group => ({ rule, all: [], at: 0, places: 0, uses: 0, progress: 0 });

function add(to: Group, name: string, weight: number): void {
  // The round that is under way goes on as before: what is new comes at its end.
  to.at %= Math.max(to.places, 1);
  const place = to.places++;
  to.all.push({ name, place, weight, uses: 0, lastUse: ++to.uses, progress: to.progress });
}

/** The one that comes next among those that are open. */
function next(
  { rule, all, at, places, progress }: Group,
  isOpen: (one: One) => boolean,
): One | undefined {
  const ahead = (one: One): number => (one.place - (at % places) + places) % places;
  const by: Readonly<Record<string, (one: One) => number>> = {
    'least-recently-used': one => one.lastUse,
    sticky: ahead,
    'round-robin': ahead,
    'least-used': one => one.uses,
    weighted: one => Math.max(one.progress, progress),
    priority: one => one.place,
  };
  const rank = by[rule]!;
  return all.filter(isOpen).toSorted((a, b) => rank(a) - rank(b) || a.place - b.place)[0];
}

function use(of: Group, one: One): void {
  one.uses++;
  one.lastUse = ++of.uses;
  of.at = of.rule === 'sticky' ? one.place : one.place + 1;
  if (one.weight === 0) return;
  of.progress = Math.max(one.progress, of.progress);
  one.progress = of.progress + 1 / one.weight;
}

/** The targets of a pool, and what of them is closed. */
class Expected {
  readonly providers: Group;
  readonly keys = new Map<string, Group>();
  readonly closed = new Map<string, number>();
  #served: string | undefined;

  constructor(routing: string) {
    this.providers = group(routing);
  }

  #isOpen(now: number, ...names: string[]): boolean {
    return names.every(name => (this.closed.get(name) ?? 0) <= now);
  }

  /** Provider, key and model of the next call. */
  choose(now: number, models: readonly string[], only: string | undefined): string | undefined {
    const { providers } = this;
    const left = new Set(providers.all.filter(({ name }) => only === undefined || only === name));
    if (providers.rule === 'sticky' && this.#served !== undefined) {
      const [name = '', model = ''] = this.#served.split('/');
      const isMine = [...left].some(one => one.name === name);
      const first = isMine ? this.#chooseKey(now, name, model) : undefined;
      if (first !== undefined) return first;
    }
    const rule = providers.rule === 'sticky' ? 'priority' : providers.rule;
    while (left.size > 0) {
      // Without weight a provider is there for others to fall back to.
      const hasWeight = (one: One): boolean =>
        left.has(one) && (rule !== 'weighted' || one.weight > 0);
      const one =
        next({ ...providers, rule }, hasWeight) ??
        next({ ...providers, rule: 'priority' }, each => left.has(each))!;
      left.delete(one);
      for (const model of models) {
        const found = this.#chooseKey(now, one.name, model);
        if (found === undefined) continue;
        use(providers, one);
        return found;
      }
    }
    return undefined;
  }

  #chooseKey(now: number, name: string, model: string): string | undefined {
    if (!this.#isOpen(now, name, `${name}//${model}`)) return undefined;
    const keys = this.keys.get(name)!;
    const key = next(
      keys,
      one =>
        one.weight > 0 && this.#isOpen(now, `${name}/${one.name}`, `${name}/${one.name}/${model}`),
    );
    if (key === undefined) return undefined;
    use(keys, key);
    this.#served = `${name}/${model}`;
    return `${name}/${key.name}/${model}`;
  }
}

const provider = fc.record({
  selection: fc.constantFrom(...SELECTION),
  weight: fc.nat(3),
  keyWeights: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
});

const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ calls: fc.integer({ min: 1, max: 7 }), only: fc.option(fc.nat(9)) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      closes: fc.constantFrom('coolDown' as const, 'disable' as const, 'enable' as const),
      provider: fc.nat(9),
      key: fc.option(fc.nat(9)),
      model: fc.option(fc.nat(9)),
      ms: fc.nat(5_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ passMs: fc.nat(3_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      changes: fc.constantFrom('adds' as const, 'removes' as const, 'weighs' as const),
      provider: fc.nat(9),
      key: fc.nat(9),
      weight: fc.nat(3),
    }),
  },
);

const models = ['m', 'n'];

it('any strategies over any healthy pool: each call goes where it should', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ROUTING),
      fc.array(provider, { minLength: 1, maxLength: 3 }),
      fc.array(command, { minLength: 1, maxLength: 30, size: 'max' }),
      async (routing, providers, commands) => {
        const expected = new Expected(routing);
        const at = (number: number): Group => expected.keys.get(`p${number % providers.length}`)!;
        let ids = 0;
        const world: Scene = scene(
          Object.fromEntries(
            providers.map(({ selection, weight, keyWeights }, p) => {
              add(expected.providers, `p${p}`, weight);
              const keys = group(selection);
              expected.keys.set(`p${p}`, keys);
              for (const each of keyWeights) add(keys, `key-${ids++}`, each);
              return [
                `p${p}`,
                {
                  models,
                  weight,
                  keySelection: selection,
                  keys: keys.all.map(({ name, weight: share }) => ({
                    id: name,
                    apiKey: name,
                    weight: share,
                  })),
                },
              ];
            }),
          ),
          { routing, maxWaitMs: 0 },
        );
        const trail: string[] = [];
        for (const each of commands) {
          const now = world.clock.now();
          if ('passMs' in each) await world.clock.advance(each.passMs);
          else if ('calls' in each) {
            const only = each.only === null ? undefined : `p${each.only % providers.length}`;
            const pool = only === undefined ? {} : { only: [only] };
            // Under way together: each is marked when it is handed out.
            const calls = Array.from({ length: each.calls }, async () => {
              const target = expected.choose(now, models, only);
              if (target !== undefined) trail.push(target);
              await world.generate({ providerOptions: { pool } }).catch(() => undefined);
            });
            await Promise.all(calls);
          } else if ('closes' in each) {
            const p = `p${each.provider % providers.length}`;
            const { all } = at(each.provider);
            const key = each.key === null ? undefined : all[each.key % all.length]?.name;
            const model = each.model === null ? undefined : models[each.model % models.length];
            const ref = { provider: p, ...(key && { key }), ...(model && { model }) };
            const name = [p, key ?? (model && ''), model]
              .filter(part => part !== undefined)
              .join('/');
            if (each.closes === 'coolDown') world.pool.coolDown(ref, each.ms);
            else world.pool[each.closes](ref);
            const until = { coolDown: now + each.ms, disable: Number.POSITIVE_INFINITY, enable: 0 };
            expected.closed.set(name, until[each.closes]);
          } else {
            const p = `p${each.provider % providers.length}`;
            const keys = at(each.provider);
            const one = keys.all[each.key % keys.all.length]!;
            if (each.changes === 'adds') {
              const id = `key-${ids++}`;
              add(keys, id, each.weight);
              world.pool.addKey(p, { id, apiKey: id, weight: each.weight });
            } else if (each.changes === 'weighs') {
              one.weight = each.weight;
              world.pool.setWeight({ provider: p, key: one.name }, each.weight);
            } else if (keys.all.length > 1) {
              keys.all.splice(keys.all.indexOf(one), 1);
              world.pool.removeKey(p, one.name);
            }
          }
        }
        expect(world.trail()).toEqual(trail);
      },
    ),
    { numRuns: 400 },
  );
}, 60_000);

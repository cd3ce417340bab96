import { fail } from '../config/check.ts';
import type { ChooseProviders, Routing } from '../config/types.ts';
import type { Provider, Route } from './targets.ts';

/** In which order a new call tries the routes. */
export interface RouteOrder {
  /** The providers changed. */
  update(providers: readonly Provider[]): void;
  routes(): readonly Route[];
  /** A route answered. */
  served(route: Route): void;
}

/** What a provider contributes to an order. */
type RoutesOf = (provider: Provider) => readonly Route[];

/** @param routesOf default: the models of its entry */
export function createRouting(
  routing: Routing,
  providers: readonly Provider[],
  routesOf: RoutesOf = provider => provider.listed,
): RouteOrder {
  const order = create(routing, routesOf);
  order.update(providers);
  return order;
}

function create(routing: Routing, routesOf: RoutesOf): RouteOrder {
  if (typeof routing === 'function') return new ByFunction(routing, routesOf);
  switch (routing) {
    case 'fastest':
      return new Fastest(routesOf);
    case 'priority':
      return new Priority(routesOf);
    case 'sticky':
      return new Sticky(routesOf);
    case 'round-robin':
      return new RoundRobin(routesOf);
    case 'weighted':
      return new Weighted(routesOf);
  }
}

abstract class Order {
  readonly #routesOf: RoutesOf;

  constructor(routesOf: RoutesOf) {
    this.#routesOf = routesOf;
  }

  protected routesOf(providers: readonly Provider[]): readonly Route[] {
    return providers.flatMap(this.#routesOf);
  }
}

/** Configured order for every call. */
class Priority extends Order implements RouteOrder {
  #routes: readonly Route[] = [];

  update(providers: readonly Provider[]): void {
    this.#routes = this.routesOf(providers);
  }

  routes(): readonly Route[] {
    return this.#routes;
  }

  served(): void {
    // The order never changes.
  }
}

/** The last route that served comes first. */
class Sticky extends Order implements RouteOrder {
  #configured: readonly Route[] = [];
  #last: Route | undefined;
  #routes: readonly Route[] = [];

  update(providers: readonly Provider[]): void {
    this.#configured = this.routesOf(providers);
    const last = this.#last;
    this.#last = undefined;
    this.#routes = this.#configured;
    if (last !== undefined && this.#configured.includes(last)) this.served(last);
  }

  routes(): readonly Route[] {
    return this.#routes;
  }

  served(route: Route): void {
    if (route === this.#last || !this.#configured.includes(route)) return;
    this.#last = route;
    this.#routes = [route, ...this.#configured.filter(each => each !== route)];
  }
}

/** Each new call begins at the next provider. */
class RoundRobin extends Order implements RouteOrder {
  #turns: readonly (readonly Route[])[] = [];
  #turn = -1;

  update(providers: readonly Provider[]): void {
    this.#turns = providers.map((_, first) =>
      this.routesOf([...providers.slice(first), ...providers.slice(0, first)]),
    );
  }

  routes(): readonly Route[] {
    if (this.#turns.length === 0) return [];
    this.#turn = (this.#turn + 1) % this.#turns.length;
    return this.#turns[this.#turn] ?? [];
  }

  served(): void {
    // Turns are taken when calls begin.
  }
}

/**
 * Providers by weight, smooth and deterministic (stride scheduling, as for keys): the one that is
 * least advanced begins, the others follow in the same order.
 */
class Weighted extends Order implements RouteOrder {
  #providers: readonly Provider[] = [];
  readonly #advanced = new Map<Provider, number>();

  update(providers: readonly Provider[]): void {
    // What is new begins where the others are, not where they began.
    const least = Math.min(...this.#advanced.values());
    for (const provider of this.#advanced.keys()) {
      if (!providers.includes(provider)) this.#advanced.delete(provider);
    }
    for (const provider of providers) {
      if (!this.#advanced.has(provider)) {
        this.#advanced.set(provider, Number.isFinite(least) ? least : 0);
      }
    }
    this.#providers = providers;
  }

  routes(): readonly Route[] {
    const at = (provider: Provider): number =>
      provider.weight > 0 ? (this.#advanced.get(provider) ?? 0) : Number.POSITIVE_INFINITY;
    const order = this.#providers.toSorted((a, b) => at(a) - at(b) || 0);
    const [first] = order;
    if (first !== undefined && first.weight > 0) {
      this.#advanced.set(first, at(first) + 1 / first.weight);
    }
    return this.routesOf(order);
  }

  served(): void {
    // Turns are taken when calls begin.
  }
}

const cost = ({ speed, inFlight }: Provider): number => (speed.ms ?? 0) * (inFlight + 1);

/** So many calls begin elsewhere, to find out whether another provider has become faster. */
const EXPLORED = 0.05;

/**
 * The least time to first output first, times what is in flight there already: so that a fast
 * provider is not filled until it is slow. Of whom nothing is known comes first.
 */
class Fastest extends Order implements RouteOrder {
  #providers: readonly Provider[] = [];

  update(providers: readonly Provider[]): void {
    this.#providers = providers;
  }

  routes(): readonly Route[] {
    const order = this.#providers.toSorted((a, b) => cost(a) - cost(b));
    const random = order[0]?.context.random;
    if (random !== undefined && random() < EXPLORED) {
      const [other] = order.splice(Math.floor(random() * order.length), 1);
      if (other !== undefined) order.unshift(other);
    }
    return this.routesOf(order);
  }

  served(): void {
    // What it took is measured with every answer.
  }
}

/** As the user's function says; whom it leaves out comes last. */
class ByFunction extends Order implements RouteOrder {
  readonly #choose: ChooseProviders;
  #providers: readonly Provider[] = [];

  constructor(choose: ChooseProviders, routesOf: RoutesOf) {
    super(routesOf);
    this.#choose = choose;
  }

  update(providers: readonly Provider[]): void {
    this.#providers = providers;
  }

  routes(): readonly Route[] {
    const candidates = this.#providers.map(({ name, weight, inFlight, speed, plan }) => ({
      name,
      weight,
      inFlight,
      latencyMs: speed.ms,
      meta: plan.meta,
    }));
    const chosen = new Set<Provider>();
    for (const name of this.#choose(candidates)) {
      const provider = this.#providers.find(each => each.name === name);
      chosen.add(provider ?? fail('routing', 'its function named no provider of the pool'));
    }
    return this.routesOf([...chosen, ...this.#providers.filter(each => !chosen.has(each))]);
  }

  served(): void {
    // The function sees what it goes by.
  }
}

import type { Routing } from '../config/types.ts';
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
  switch (routing) {
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

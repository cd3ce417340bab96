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

export function createRouting(routing: Routing, providers: readonly Provider[]): RouteOrder {
  const order = create(routing);
  order.update(providers);
  return order;
}

function create(routing: Routing): RouteOrder {
  switch (routing) {
    case 'priority':
      return new Priority();
    case 'sticky':
      return new Sticky();
    case 'round-robin':
      return new RoundRobin();
    case 'weighted':
      return new Weighted();
  }
}

const routesOf = (providers: readonly Provider[]): readonly Route[] =>
  providers.flatMap(provider => provider.routes);

/** Configured order for every call. */
class Priority implements RouteOrder {
  #routes: readonly Route[] = [];

  update(providers: readonly Provider[]): void {
    this.#routes = routesOf(providers);
  }

  routes(): readonly Route[] {
    return this.#routes;
  }

  served(): void {
    // The order never changes.
  }
}

/** The last route that served comes first. */
class Sticky implements RouteOrder {
  #configured: readonly Route[] = [];
  #last: Route | undefined;
  #routes: readonly Route[] = [];

  update(providers: readonly Provider[]): void {
    this.#configured = routesOf(providers);
    const last = this.#last;
    this.#last = undefined;
    this.#routes = this.#configured;
    if (last !== undefined && this.#configured.includes(last)) this.served(last);
  }

  routes(): readonly Route[] {
    return this.#routes;
  }

  served(route: Route): void {
    if (route === this.#last || route.provider.removed) return;
    this.#last = route;
    this.#routes = [route, ...this.#configured.filter(each => each !== route)];
  }
}

/** Each new call begins at the next provider. */
class RoundRobin implements RouteOrder {
  #turns: readonly (readonly Route[])[] = [];
  #turn = -1;

  update(providers: readonly Provider[]): void {
    this.#turns = providers.map((_, first) =>
      routesOf([...providers.slice(first), ...providers.slice(0, first)]),
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
class Weighted implements RouteOrder {
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
    return routesOf(order);
  }

  served(): void {
    // Turns are taken when calls begin.
  }
}

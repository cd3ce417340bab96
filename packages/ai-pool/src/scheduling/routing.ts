import type { Routing } from '../config/types.ts';
import type { Provider, Route } from './targets.ts';

/** In which order a new call tries the routes. */
export interface RouteOrder {
  routes(): readonly Route[];
  /** A route answered. */
  served(route: Route): void;
}

export function createRouting(routing: Routing, providers: readonly Provider[]): RouteOrder {
  switch (routing) {
    case 'priority':
      return new Priority(providers);
    case 'sticky':
      return new Sticky(providers);
    case 'round-robin':
      return new RoundRobin(providers);
  }
}

/** Configured order for every call. */
class Priority implements RouteOrder {
  readonly #routes: readonly Route[];

  constructor(providers: readonly Provider[]) {
    this.#routes = providers.flatMap(provider => provider.routes);
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
  readonly #configured: readonly Route[];
  #last: Route | undefined;
  #routes: readonly Route[];

  constructor(providers: readonly Provider[]) {
    this.#configured = providers.flatMap(provider => provider.routes);
    this.#routes = this.#configured;
  }

  routes(): readonly Route[] {
    return this.#routes;
  }

  served(route: Route): void {
    if (route === this.#last) return;
    this.#last = route;
    this.#routes = [route, ...this.#configured.filter(each => each !== route)];
  }
}

/** Each new call begins at the next provider. */
class RoundRobin implements RouteOrder {
  readonly #turns: readonly (readonly Route[])[];
  #turn = -1;

  constructor(providers: readonly Provider[]) {
    this.#turns = providers.map((_, first) =>
      [...providers.slice(first), ...providers.slice(0, first)].flatMap(({ routes }) => routes),
    );
  }

  routes(): readonly Route[] {
    this.#turn = (this.#turn + 1) % this.#turns.length;
    return this.#turns[this.#turn] ?? [];
  }

  served(): void {
    // Turns are taken when calls begin.
  }
}

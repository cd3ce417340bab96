import { fail } from '../config/check.ts';
import type { ChooseProviders, Routing } from '../config/types.ts';
import type { Provider, Route } from './targets.ts';
import { Cycle, Weighted, type Turns } from './turns.ts';

/** In which order a new call tries the routes. */
export interface RouteOrder {
  /** The providers changed. */
  update(providers: readonly Provider[]): void;
  routes(): readonly Route[];
  /** A call begins with a provider. False where that one has no turns here. */
  begun?(provider: Provider): boolean;
  /** A route answered. */
  served?(route: Route): void;
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
      return new ByTurns(new Cycle(false), routesOf);
    case 'weighted':
      return new ByWeight(new Weighted(), routesOf);
  }
}

abstract class Order {
  readonly #listedBy: RoutesOf;

  constructor(routesOf: RoutesOf) {
    this.#listedBy = routesOf;
  }

  protected routesOf(providers: readonly Provider[]): readonly Route[] {
    return providers.flatMap(this.#listedBy);
  }
}

/** Configured order for every call. */
class Priority extends Order implements RouteOrder {
  #inOrder: readonly Route[] = [];

  update(providers: readonly Provider[]): void {
    this.#inOrder = this.routesOf(providers);
  }

  routes(): readonly Route[] {
    return this.#inOrder;
  }
}

/** The last route that served comes first. */
class Sticky extends Order implements RouteOrder {
  #configured: readonly Route[] = [];
  #last: Route | undefined;
  #inOrder: readonly Route[] = [];

  update(providers: readonly Provider[]): void {
    this.#configured = this.routesOf(providers);
    const last = this.#last;
    this.#last = undefined;
    this.#inOrder = this.#configured;
    if (last !== undefined && this.#configured.includes(last)) this.served(last);
  }

  routes(): readonly Route[] {
    return this.#inOrder;
  }

  served(route: Route): void {
    if (route === this.#last || !this.#configured.includes(route)) return;
    this.#last = route;
    this.#inOrder = [route, ...this.#configured.filter(each => each !== route)];
  }
}

/** A provider among those that take turns. */
interface Place {
  readonly provider: Provider;
  readonly position: number;
  readonly weight: number;
  turn: number;
}

/**
 * Round-robin and weighted, by the same rules as keys: whoever cannot be used loses no turn, since
 * a turn is taken by what a call begins with.
 */
class ByTurns extends Order implements RouteOrder {
  readonly #turns: Turns<Place>;
  #places: readonly Place[] = [];
  #added = 0;

  constructor(turns: Turns<Place>, routesOf: RoutesOf) {
    super(routesOf);
    this.#turns = turns;
  }

  update(providers: readonly Provider[]): void {
    this.#places = providers.map(provider => this.#placeOf(provider) ?? this.#add(provider));
  }

  #placeOf(provider: Provider): Place | undefined {
    return this.#places.find(place => place.provider === provider);
  }

  #add(provider: Provider): Place {
    const place = {
      provider,
      position: this.#added++,
      turn: 0,
      get weight() {
        return provider.weight;
      },
    };
    this.#turns.add(place);
    return place;
  }

  protected rank(place: Place): number {
    return this.#turns.rank(place);
  }

  routes(): readonly Route[] {
    const order = this.#places.toSorted(
      (a, b) => this.rank(a) - this.rank(b) || a.position - b.position,
    );
    return this.routesOf(order.map(place => place.provider));
  }

  begun(provider: Provider): boolean {
    const place = this.#placeOf(provider);
    if (place !== undefined) this.#turns.handedOut(place, false);
    return place !== undefined;
  }
}

/** What has no weight is there for others to fall back to. */
class ByWeight extends ByTurns {
  protected override rank(place: Place): number {
    return place.weight > 0 ? super.rank(place) : Number.POSITIVE_INFINITY;
  }
}

/** So many calls begin elsewhere, to find out whether another provider has become faster. */
const EXPLORED = 0.05;

/**
 * The least time to first output first, times what is in flight there already: so that a fast
 * provider is not filled until it is slow. Of whom nothing is known comes first, with one call;
 * until that has answered it counts as fast as the fastest.
 */
class Fastest extends Order implements RouteOrder {
  #providers: readonly Provider[] = [];

  update(providers: readonly Provider[]): void {
    this.#providers = providers;
  }

  routes(): readonly Route[] {
    const known = this.#providers.flatMap(({ speed }) => speed.ms ?? []);
    const least = Math.min(...known, Number.MAX_SAFE_INTEGER);
    const cost = ({ speed, inFlight }: Provider): number =>
      (speed.ms ?? (inFlight === 0 ? 0 : least)) * (inFlight + 1);
    const order = this.#providers.toSorted((a, b) => cost(a) - cost(b));
    const random = order[0]?.context.random;
    if (random !== undefined && random() < EXPLORED) {
      const [other] = order.splice(Math.floor(random() * order.length), 1);
      if (other !== undefined) order.unshift(other);
    }
    return this.routesOf(order);
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
}

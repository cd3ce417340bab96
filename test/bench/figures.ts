/** What a measurement gives: by name, one figure per round. */
export type Figures = Readonly<Record<string, readonly number[]>>;

/** The same measurement, made several times. */
export function together(all: readonly Figures[]): Figures {
  const names = new Set(all.flatMap(figures => Object.keys(figures)));
  return Object.fromEntries(
    [...names].map(name => [name, all.flatMap(figures => figures[name] ?? [])]),
  );
}

/** The middle of many figures, and how far they spread. */
export class Spread {
  readonly #sorted: readonly number[];

  constructor(figures: readonly number[] = []) {
    this.#sorted = figures.toSorted((a, b) => a - b);
  }

  get median(): number {
    return this.#at(0.5);
  }

  /** The median, with the middle half of the figures behind it. */
  text(format: (figure: number) => string): string {
    return `${format(this.median)} (${format(this.#at(0.25))}–${format(this.#at(0.75))})`;
  }

  #at(share: number): number {
    const position = share * (this.#sorted.length - 1);
    const below = this.#sorted[Math.floor(position)] ?? Number.NaN;
    const above = this.#sorted[Math.ceil(position)] ?? below;
    return below + (above - below) * (position % 1);
  }
}

/** One name's figures over another's, round by round. */
export function ratio(figures: Figures, name: string, over: string): Spread {
  const base = figures[over] ?? [];
  return new Spread((figures[name] ?? []).map((figure, round) => figure / (base[round] ?? 0)));
}

export const times = (figure: number): string => `${figure.toFixed(figure < 1.5 ? 3 : 2)}x`;
export const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(2)} kB`;
export const bytes = (figure: number): string => `${Math.round(figure)} B`;
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export function duration(ns: number): string {
  if (ns < 1e4) return `${Math.round(ns)} ns`;
  return ns < 1e6 ? `${(ns / 1e3).toFixed(1)} µs` : `${(ns / 1e6).toFixed(1)} ms`;
}

/** So long a refusal is remembered, in ms: models learn new things, but not from call to call. */
const REMEMBERED_MS = 600_000;
/** So many are remembered of one route. */
const MOST = 16;

/** What a route lately refused to do: calls that ask for it again had better go elsewhere. */
export class RefusedFeatures {
  #refused: { readonly features: readonly string[]; readonly until: number }[] = [];

  add(features: readonly string[], now: number): void {
    if (features.length === 0) return;
    this.#refused.push({ features, until: now + REMEMBERED_MS });
    if (this.#refused.length > MOST) this.#refused.shift();
  }

  get size(): number {
    return this.#refused.length;
  }

  /** Whether a call that asks for all of these asks for something that was refused. */
  coveredBy(asked: readonly string[], now: number): boolean {
    this.#refused = this.#refused.filter(({ until }) => until > now);
    return this.#refused.some(({ features }) => features.every(each => asked.includes(each)));
  }
}

/** No more are remembered: with so many, some answer tells anew all the time. */
const MOST = 1_000;

/** When attempts began: epoch ms, in order. */
export class BegunLog {
  #times: number[] = [];

  /** @param keepMs what is older may be forgotten */
  add(now: number, keepMs: number): void {
    this.#times.push(now);
    if (this.#times.length <= MOST) return;
    this.#times = this.#times.slice(Math.max(this.#until(now - keepMs), MOST / 2));
  }

  /** One that began then does not count. */
  remove(at: number): void {
    const last = this.#times.lastIndexOf(at);
    if (last >= 0) this.#times.splice(last, 1);
  }

  /** How many began later than one time and no later than another. */
  between(from: number, to: number): number {
    return this.#until(to) - this.#until(from);
  }

  /** When the n-th after a time began; undefined where there were fewer. */
  nth(n: number, from: number): number | undefined {
    return this.#times[this.#until(from) + n - 1];
  }

  /** How many began no later. */
  #until(time: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] ?? 0) > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

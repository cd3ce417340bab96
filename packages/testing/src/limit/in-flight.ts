/** Counts requests that are being answered, by model. */
export class InFlight {
  private readonly byModel = new Map<string, number>();

  /** How many there are, of one model or of all. */
  count(model?: string): number {
    if (model !== undefined) return this.byModel.get(model) ?? 0;
    let all = 0;
    for (const count of this.byModel.values()) all += count;
    return all;
  }

  /** One more. */
  enter(model: string): void {
    this.byModel.set(model, this.count(model) + 1);
  }

  /** One less. */
  leave(model: string): void {
    const left = this.count(model) - 1;
    if (left > 0) this.byModel.set(model, left);
    else this.byModel.delete(model);
  }
}

/**
 * A cache that keeps the most recently used entries. Two generations instead of a list: when
 * the young one is half the capacity it becomes the old one, and what was not asked for since
 * is dropped. Every operation is O(1), also at capacity.
 */
export class Recent<K, V> {
  private readonly half: number;
  private young = new Map<K, V>();
  private old = new Map<K, V>();

  constructor(capacity: number) {
    this.half = Math.max(1, capacity >> 1);
  }

  get(key: K): V | undefined {
    const young = this.young.get(key);
    if (young !== undefined) return young;
    const old = this.old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    if (this.young.size >= this.half) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, value);
  }

  delete(key: K): void {
    this.young.delete(key);
    this.old.delete(key);
  }
}

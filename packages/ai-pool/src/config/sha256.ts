/**
 * SHA-256 of a text's UTF-8 bytes, in hex (FIPS 180-4). Written out here because the platform's
 * own digest is asynchronous, and key ids are needed at construction.
 */
export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const data = new DataView(new ArrayBuffer(((bytes.length + 72) >> 6) << 6));
  for (const [i, byte] of bytes.entries()) data.setUint8(i, byte);
  data.setUint8(bytes.length, 0x80);
  data.setUint32(data.byteLength - 4, bytes.length * 8);
  let hash = INITIAL;
  for (let block = 0; block < data.byteLength; block += 64) hash = mix(hash, data, block);
  return hash.map(word => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

function mix(hash: readonly number[], data: DataView, block: number): number[] {
  const schedule: number[] = [];
  const at = (i: number): number => schedule[i] ?? 0;
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash;
  ROUNDS.forEach((round, i) => {
    schedule[i] =
      i < 16
        ? data.getInt32(block + i * 4)
        : (at(i - 16) +
            at(i - 7) +
            (rotate(at(i - 15), 7, 18) ^ (at(i - 15) >>> 3)) +
            (rotate(at(i - 2), 17, 19) ^ (at(i - 2) >>> 10))) |
          0;
    const t1 = (h + rotate(e, 6, 11, 25) + ((e & f) ^ (~e & g)) + round + at(i)) | 0;
    const t2 = (rotate(a, 2, 13, 22) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  });
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + (hash[i] ?? 0)) | 0);
}

/** The word rotated to the right by each of these, mixed. */
const rotate = (word: number, ...by: number[]): number =>
  by.reduce((mixed, n) => mixed ^ ((word >>> n) | (word << (32 - n))), 0);

/** The first 32 bits of the fractional part of `root(prime)` for the first primes. */
function fractions(count: number, root: (n: number) => number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) {
    let divisor = 2;
    while (n % divisor !== 0) divisor++;
    if (divisor === n) found.push(((root(n) % 1) * 2 ** 32) | 0);
  }
  return found;
}

// Pure, so that a bundle without this function is also without these.
const INITIAL = /* @__PURE__ */ fractions(8, Math.sqrt);
const ROUNDS = /* @__PURE__ */ fractions(64, Math.cbrt);

/** A number of 32 bits for a text (FNV-1a), the same in every process. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * How well two things suit each other (rendezvous hashing): of all candidates the one that suits
 * best is chosen, so that a candidate that goes takes only its own share along, and one that
 * comes takes only its own.
 */
export function suits(one: number, other: number): number {
  let mixed = Math.imul(one ^ (other >>> 15) ^ other, 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

import { randomBytes } from 'node:crypto';
import { digest } from './wire.ts';

/** Hex digits of the half that anybody may make up, and of the half that follows from it. */
const half = 24;

/**
 * Hex digits that are known again as `issuer`'s own, without being remembered: what a provider
 * hands out with an answer and takes back from the same account, or for the same model, only.
 *
 * @param seed the same gives the same digits; by default they are new ones
 */
export function issue(issuer: string, seed: string = randomBytes(half).toString('hex')): string {
  const nonce = digest(seed, half);
  return nonce + proof(issuer, nonce);
}

/** Whether `issue(issuer)` gave these digits. */
export function isIssued(issuer: string, digits: string): boolean {
  return digits.slice(half) === proof(issuer, digits.slice(0, half));
}

function proof(issuer: string, nonce: string): string {
  return digest(`${issuer} ${nonce}`, half);
}

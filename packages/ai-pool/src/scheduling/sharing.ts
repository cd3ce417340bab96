/**
 * Whether others use the keys of a provider, too: what gets through before a refusal is then a
 * share, and whoever looks for more takes it from them. One key tells it of all: who uses one of
 * them mostly uses them all.
 */
export class Sharing {
  isSeen = false;
  /** When a call last found nothing open: epoch ms. */
  missedAt: number = Number.NEGATIVE_INFINITY;
}

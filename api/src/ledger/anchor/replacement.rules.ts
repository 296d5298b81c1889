// Pure rules for a transaction that is not mined: whether to wait, or to send one that takes its place, and what to pay.
// Decisions: docs/adr/0014-a-stuck-anchor-is-replaced.md.
import { type Fees, type TransactionFacts } from '../chain/anchor-registry.port.ts';
import { type Anchor } from '../model.ts';

/** An anchor in state `sent`, with what its transaction says of itself. */
export interface Attempt extends TransactionFacts {
  readonly anchor: Anchor;
}

/** What is paid for gas at most, and how long an attempt may wait before another takes its place. */
export interface FeePolicy {
  readonly maxFeePerGas: bigint;
  readonly bumpAfterMs: number;
}

/**
 * - `wait`: the lowest nonce may still be mined as it is;
 * - `replace`: `attempt`, the newest of the lowest nonce, has waited too long; another with the same nonce and more pay;
 * - `fill-gap`: a nonce below all of ours is free, so none of ours can be mined before something uses it.
 */
export type NextStep =
  | { readonly step: 'wait' }
  | { readonly step: 'replace'; readonly attempt: Attempt; readonly highest: Fees }
  | { readonly step: 'fill-gap'; readonly nonce: bigint; readonly attempt: Attempt };

/**
 * @param attempts of our own account, at least one
 * @param usedNonces of our account in the latest block
 */
export function nextStep(
  attempts: readonly Attempt[],
  usedNonces: bigint,
  now: Date,
  { bumpAfterMs }: FeePolicy,
): NextStep {
  const lowest = attempts.reduce((least, { nonce }) => (nonce < least ? nonce : least), attempts[0]?.nonce ?? 0n);
  const rivals = attempts.filter(({ nonce }) => nonce === lowest);
  const newest = newestOf(rivals);
  // A used nonce: one of the rivals is mined, or a stranger is; the confirm stage finds out which.
  if (newest === undefined || lowest < usedNonces) return { step: 'wait' };
  // A re-org puts an old attempt back into this state: it has waited since then, not since it was first sent.
  if (now.getTime() - newest.anchor.updatedAt.getTime() < bumpAfterMs) return { step: 'wait' };
  if (lowest > usedNonces) return { step: 'fill-gap', nonce: usedNonces, attempt: newest };
  return { step: 'replace', attempt: newest, highest: rivals.map(({ fees }) => fees).reduce(higher) };
}

/** The newest attempt of each account and nonce, lowest nonce first: those that are handed to the chain again. */
export function toSendAgain(attempts: readonly Attempt[]): readonly Attempt[] {
  const newest = new Map<string, Attempt>();
  for (const attempt of attempts) {
    const place = `${attempt.sender}/${attempt.nonce}`;
    newest.set(place, newestOf([attempt, ...[newest.get(place) ?? []].flat()]) as Attempt);
  }
  return [...newest.values()].sort((a, b) => (a.nonce < b.nonce ? -1 : a.nonce > b.nonce ? 1 : 0));
}

function newestOf(attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.reduce<Attempt | undefined>(
    (newest, attempt) => (newest === undefined || attempt.anchor.id > newest.anchor.id ? attempt : newest),
    undefined,
  );
}

function higher(a: Fees, b: Fees): Fees {
  return {
    kind: b.kind,
    maxFeePerGas: max(a.maxFeePerGas, b.maxFeePerGas),
    maxPriorityFeePerGas: max(a.maxPriorityFeePerGas, b.maxPriorityFeePerGas),
  };
}

/** What the chain suggests, but never more than we are willing to pay, whatever an endpoint says. */
export function withinCap(suggested: Fees, cap: bigint): Fees {
  return {
    kind: suggested.kind,
    maxFeePerGas: min(suggested.maxFeePerGas, cap),
    maxPriorityFeePerGas: min(suggested.maxPriorityFeePerGas, cap),
  };
}

/**
 * The fees of a transaction that takes the place of one with `highest`: both raised by an eighth, which satisfies every
 * client (go-ethereum asks for a tenth), and at least what the chain suggests now. Null when that is above the cap.
 */
export function raisedFees(highest: Fees, suggested: Fees, cap: bigint): Fees | null {
  const least = {
    maxFeePerGas: raised(highest.maxFeePerGas),
    maxPriorityFeePerGas: raised(highest.maxPriorityFeePerGas),
  };
  if (least.maxFeePerGas > cap) return null;
  const maxFeePerGas = min(max(least.maxFeePerGas, suggested.maxFeePerGas), cap);
  return {
    kind: suggested.kind,
    maxFeePerGas,
    maxPriorityFeePerGas: min(max(least.maxPriorityFeePerGas, suggested.maxPriorityFeePerGas), maxFeePerGas),
  };
}

function raised(fee: bigint): bigint {
  return fee + max((fee + 7n) / 8n, 1n);
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

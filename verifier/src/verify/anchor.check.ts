// Check `anchor`: the contract that the verifier trusts has accepted exactly this head of the log. docs/spec/formats.md
// section 8. This is the check that needs no trust in the operator at all.

import { equalBytes, toHex } from '../bytes.ts';
import { VerifyError } from '../errors.ts';
import type { BundleAnchor } from '../bundle.ts';
import { logIdOf, type Checkpoint } from '../log/checkpoint.ts';
import type { Check } from '../verdict.ts';
import {
  headAnchoredTopic,
  readBlockNumber,
  readChainId,
  readHead,
  readReceipt,
  uint64Topic,
  type ChainReceipt,
  type Eip1193Provider,
} from './chain.ts';
import { runAsyncCheck, Skip } from './check.ts';
import type { Subject } from './subject.ts';
import type { TrustBase } from './trust.ts';

export interface AnchorFinding {
  readonly check: Check;
  /** Blocks from the anchor's to the newest, both counted; undefined unless the check passed. */
  readonly confirmations: bigint | undefined;
}

/** What can be compared without a chain is compared first: a contradiction inside the bundle fails even offline. */
export async function checkAnchor(
  { bundle, checkpoint }: Subject,
  trust: TrustBase,
  chain: Eip1193Provider | undefined,
): Promise<AnchorFinding> {
  let confirmations: bigint | undefined;
  const check = await runAsyncCheck('anchor', true, async () => {
    const { anchor } = bundle;
    if (anchor === null) throw new Skip('NOT_ANCHORED', 'The checkpoint is not anchored yet.');
    assertAnchorOfCheckpoint(anchor, checkpoint);
    assertTrusted(anchor, trust);
    if (chain === undefined) throw new Skip('CHAIN_NOT_GIVEN', 'No chain was given to look the anchor up on.');
    const confirmed = await confirmOnChain(anchor, chain);
    confirmations = confirmed;
    return (
      `Contract ${anchor.contract} on chain ${anchor.chainId} accepted the head of size ${anchor.size} ` +
      `in block ${anchor.block} (${confirmed} confirmations).`
    );
  });
  return { check, confirmations };
}

function assertAnchorOfCheckpoint(anchor: BundleAnchor, checkpoint: Checkpoint): void {
  const wrong = [
    equalBytes(anchor.logId, logIdOf(checkpoint.origin)) ? '' : 'logId',
    anchor.size === checkpoint.size ? '' : 'size',
    equalBytes(anchor.root, checkpoint.root) ? '' : 'root',
  ].filter((member) => member !== '');
  if (wrong.length > 0) {
    throw new VerifyError(
      'ANCHOR_NOT_OF_CHECKPOINT',
      `the anchor's ${wrong.join(' and ')} is not that of the checkpoint`,
    );
  }
}

function assertTrusted(anchor: BundleAnchor, trust: TrustBase): void {
  if (trust.chainId !== undefined && anchor.chainId !== trust.chainId) {
    throw new VerifyError('ANCHOR_CHAIN', `the anchor is on chain ${anchor.chainId}, trusted is ${trust.chainId}`);
  }
  // Anybody can deploy a contract that emits the right event; without a trusted address there is nothing to check.
  if (trust.contract === undefined) throw new Skip('NOT_TRUSTED', 'No contract address was given to trust.');
  if (anchor.contract !== trust.contract) {
    throw new VerifyError(
      'ANCHOR_CONTRACT',
      `the anchor is in contract ${anchor.contract}, trusted is ${trust.contract}`,
    );
  }
}

async function confirmOnChain(anchor: BundleAnchor, chain: Eip1193Provider): Promise<bigint> {
  const chainId = await readChainId(chain);
  if (chainId !== anchor.chainId) {
    throw new VerifyError('ANCHOR_CHAIN', `the anchor is on chain ${anchor.chainId}, the node is on chain ${chainId}`);
  }
  const receipt = await readReceipt(chain, anchor.transaction);
  if (receipt === null) {
    throw new VerifyError('ANCHOR_TRANSACTION_UNKNOWN', `the chain has no transaction ${anchor.transaction}`);
  }
  assertReceipt(receipt, anchor);
  await assertHead(anchor, chain);
  const newest = await readBlockNumber(chain);
  if (newest < anchor.block) {
    throw new Skip(
      'CHAIN_ANSWER_MALFORMED',
      `The node says its newest block is ${newest}, before the anchor's ${anchor.block}.`,
    );
  }
  return newest - anchor.block + 1n;
}

function assertReceipt(receipt: ChainReceipt, anchor: BundleAnchor): void {
  if (receipt.transaction !== anchor.transaction) {
    throw new Skip('CHAIN_ANSWER_MALFORMED', `The node answered with the receipt of another transaction.`);
  }
  if (!receipt.succeeded) {
    throw new VerifyError('ANCHOR_TRANSACTION_FAILED', `transaction ${anchor.transaction} was reverted`);
  }
  if (receipt.block !== anchor.block) {
    throw new VerifyError(
      'ANCHOR_BLOCK',
      `the transaction is in block ${receipt.block}, the anchor says ${anchor.block}`,
    );
  }
  const topics = [headAnchoredTopic(), `0x${toHex(anchor.logId)}`, uint64Topic(anchor.size)].join();
  const data = `0x${toHex(anchor.root)}`;
  const emitted = receipt.logs.some(
    (log) => log.address === anchor.contract && log.topics.join() === topics && log.data === data,
  );
  if (!emitted) {
    throw new VerifyError('ANCHOR_EVENT_MISSING', `the contract did not emit this log, size ${anchor.size} and root`);
  }
}

/** The contract's present head must be this anchor or a later one: its history cannot have been taken back. */
async function assertHead(anchor: BundleAnchor, chain: Eip1193Provider): Promise<void> {
  const head = await readHead(chain, anchor.contract, anchor.logId);
  if (head === null) throw new VerifyError('ANCHOR_HEAD', `there is no contract at ${anchor.contract}`);
  if (head.size < anchor.size) {
    throw new VerifyError(
      'ANCHOR_HEAD',
      `the contract's head has size ${head.size}, before the anchor's ${anchor.size}`,
    );
  }
  if (head.size === anchor.size && !equalBytes(head.root, anchor.root)) {
    throw new VerifyError('ANCHOR_HEAD', `the contract's head of size ${head.size} has another root`);
  }
}

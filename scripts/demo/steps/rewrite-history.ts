// The operator rewrites the whole history: he rebuilds the tree around a changed entry, signs its head with the log's
// true key, and sends it to the contract with the true anchoring key. Nothing is left that could give him away, except
// that the contract knows the head from before and asks for a proof that the new tree contains it.

import {
  consistencyProof,
  formatCheckpoint,
  fromHex,
  leafHash,
  logIdOf,
  noteSigner,
  noteVerifier,
  openCheckpoint,
  rootFromLeaves,
  signNote,
  tilePath,
  toHex,
  utf8,
} from '@medanchor/verifier';
import { isCallException, Transaction, type Contract, type JsonRpcProvider, type Wallet } from 'ethers';
import { readSecret } from '../../launch/data-folder.ts';
import { asOperator, readHead, type Head } from '../registry.ts';
import type { Scene, Step } from '../step.ts';

/** Above what any anchor needs, so that the transaction is mined and the refusal is the contract's, not the estimate's. */
const GAS = 300_000n;
const CHANGED_ENTRY = 5;

export const rewriteHistory: Step = {
  name: 'History rewritten',
  story:
    "The operator changes an old entry, rebuilds the whole tree, signs it with the log's true key, and sends it to the " +
    'contract with the true anchoring key: grown by one entry, then in the same size, then cut by one.',
  headline: 'grown',
  expected: {
    'signature of the false head': 'genuine',
    'an honest head, for comparison': 'accepted',
    grown: 'AnchorHistoryRewritten',
    'same size': 'AnchorRootConflict',
    'tail cut off': 'AnchorSizeShrinks',
    'sent all the same': 'mined, reverted',
    'head in the contract': 'unchanged',
  },
  act: async (scene) => {
    const before = await readHead(scene);
    const { origin } = await scene.client.log();
    const truth = await readLeaves(scene, before);
    const falseLeaves = truth.map((leaf, index) => (index === CHANGED_ENTRY ? leafHash(utf8('a forged entry')) : leaf));
    const grown = [...falseLeaves, leafHash(utf8('one more entry'))];
    const honest = [...truth, leafHash(utf8('one more entry'))];
    const operator = asOperator(scene);
    const call = (leaves: readonly Uint8Array[]): AnchorCall => anchorCall(origin, before.size, leaves);
    const hash = await sendAnyway(operator, call(grown));
    const receipt = await scene.chain.getTransactionReceipt(hash);
    const after = await readHead(scene);
    return {
      found: {
        'signature of the false head': signAndOpen(scene, origin, grown),
        'an honest head, for comparison': await tryAnchor(operator.registry, call(honest)),
        grown: await tryAnchor(operator.registry, call(grown)),
        'same size': await tryAnchor(operator.registry, call(falseLeaves)),
        'tail cut off': await tryAnchor(operator.registry, call(truth.slice(0, -1))),
        'sent all the same': describeReceipt(receipt?.status),
        'head in the contract':
          after.size === before.size && toHex(after.root) === toHex(before.root) ? 'unchanged' : 'moved',
      },
      notes: [`the reverted transaction: ${hash}`],
    };
  },
};

type AnchorCall = readonly [logId: string, size: bigint, root: string, proof: readonly string[]];

/** The consistency proof is the best that the false tree can give: honest about everything but the changed entry. */
function anchorCall(origin: string, anchored: bigint, leaves: readonly Uint8Array[]): AnchorCall {
  const size = BigInt(leaves.length);
  const proof = size > anchored ? consistencyProof(anchored, size, leaves) : [];
  const hex = (octets: Uint8Array): string => `0x${toHex(octets)}`;
  return [hex(logIdOf(origin)), size, hex(rootFromLeaves(leaves)), proof.map(hex)];
}

/** The true leaf hashes, from the public tiles. */
async function readLeaves({ client }: Scene, { size, root }: Head): Promise<readonly Uint8Array[]> {
  if (size >= 256n) throw new Error(`the demo's log fits one tile; this one has ${String(size)} entries`);
  const tile = await client.tile(tilePath({ level: 0, index: 0n, width: Number(size) }));
  const leaves = Array.from({ length: Number(size) }, (_, index) => tile.subarray(32 * index, 32 * index + 32));
  if (toHex(rootFromLeaves(leaves)) !== toHex(root)) throw new Error('the tile does not hash to the anchored root');
  return leaves;
}

function signAndOpen({ instance, auditor }: Scene, origin: string, leaves: readonly Uint8Array[]): string {
  const signer = noteSigner(origin, fromHex(readSecret(instance.folder.checkpointKey)));
  const head = { origin, size: BigInt(leaves.length), root: rootFromLeaves(leaves) };
  const { verified } = openCheckpoint(signNote(formatCheckpoint(head), [signer]), [noteVerifier(auditor.verifierKey)]);
  return verified.length === 1 ? 'genuine' : 'not genuine';
}

/** What the contract would do, without sending: `accepted`, or the name of its error. */
async function tryAnchor(registry: Contract, call: AnchorCall): Promise<string> {
  try {
    await registry.getFunction('anchor').staticCall(...call);
    return 'accepted';
  } catch (error) {
    if (!isCallException(error) || error.data === null) throw error;
    return registry.interface.parseError(error.data)?.name ?? error.data;
  }
}

/** Signs and sends without asking for an estimate, as somebody who insists would. */
async function sendAnyway(
  { registry, wallet, provider }: { registry: Contract; wallet: Wallet; provider: JsonRpcProvider },
  call: AnchorCall,
): Promise<string> {
  const request = await registry.getFunction('anchor').populateTransaction(...call);
  const raw = await wallet.signTransaction(await wallet.populateTransaction({ ...request, gasLimit: GAS }));
  const { hash } = Transaction.from(raw);
  if (hash === null) throw new Error('the transaction is not signed');
  // The local node mines a reverting transaction and answers with an error; the receipt tells what became of it.
  await provider.send('eth_sendRawTransaction', [raw]).catch(() => undefined);
  return hash;
}

function describeReceipt(status: number | null | undefined): string {
  if (status === 0) return 'mined, reverted';
  return status === 1 ? 'mined, accepted' : 'not mined';
}

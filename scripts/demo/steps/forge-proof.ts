// Proofs that were tampered with on their way to the auditor. The verifier's library and the service must both refuse.

import { formatBundle, formatTlogProof, parseBundle, parseTlogProof, type Bundle } from '@medanchor/verifier';
import { outcomeWithReasons } from '../findings.ts';
import type { Scene, Step, StepOutcome } from '../step.ts';
import { HBA1C } from '../subjects.ts';

type Forgery = (bundle: Bundle) => Bundle;

export const changedHash: Step = forgery(
  'Proof: a changed hash',
  'One bit of one hash in the inclusion proof is flipped.',
  'inclusion (INCLUSION_MISMATCH)',
  flipHash,
);

export const otherIndex: Step = forgery(
  'Proof: another index',
  'The proof claims that the entry stands at the place of its neighbour.',
  'inclusion (INCLUSION_MISMATCH)',
  moveIndex,
);

export const otherTransaction: Step = forgery(
  'Proof: another anchor',
  'The proof names a transaction that the chain does not have.',
  'anchor (ANCHOR_TRANSACTION_UNKNOWN)',
  (bundle) => {
    if (bundle.anchor === null) throw new Error('the bundle has no anchor');
    return { ...bundle, anchor: { ...bundle.anchor, transaction: `0x${'5a'.repeat(32)}` } };
  },
);

export function flipHash(bundle: Bundle): Bundle {
  const proof = parseTlogProof(bundle.proof);
  const [first, ...rest] = proof.hashes;
  if (first === undefined) throw new Error('the proof has no hash to change');
  const flipped = first.map((octet, position) => (position === 0 ? octet ^ 1 : octet));
  return { ...bundle, proof: formatTlogProof({ ...proof, hashes: [flipped, ...rest] }) };
}

export function moveIndex(bundle: Bundle): Bundle {
  const proof = parseTlogProof(bundle.proof);
  return { ...bundle, proof: formatTlogProof({ ...proof, index: proof.index ^ 1n }) };
}

function forgery(name: string, story: string, reason: string, forge: Forgery): Step {
  const refused = `altered: ${reason}`;
  return {
    name,
    story,
    headline: 'auditor',
    expected: { untouched: 'intact', auditor: refused, service: refused },
    act: (scene) => present(scene, forge),
  };
}

async function present({ client, auditor }: Scene, forge: Forgery): Promise<StepOutcome> {
  const genuine = await client.bundle(HBA1C.name);
  const forged = formatBundle(forge(parseBundle(genuine)));
  return {
    found: {
      untouched: outcomeWithReasons(await client.checkProof(genuine)),
      auditor: outcomeWithReasons(await auditor.check(forged)),
      service: outcomeWithReasons(await client.checkProof(forged)),
    },
  };
}

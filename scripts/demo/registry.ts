// The contract, asked directly: not through the service.

import { Contract, Wallet, type JsonRpcProvider } from 'ethers';
import { fromHex, logIdOf } from '@medanchor/verifier';
import { anchorRegistryAbi } from '../../contracts/generated/anchor-registry.ts';
import { readSecret } from '../launch/data-folder.ts';
import type { Scene } from './step.ts';

export interface Head {
  readonly size: bigint;
  readonly root: Uint8Array;
}

export async function readHead({ instance, chain, client }: Scene): Promise<Head> {
  const { origin } = await client.log();
  const registry = new Contract(instance.anchor.contract, anchorRegistryAbi, chain);
  const head = (await registry.getFunction('head')(logIdOf(origin))) as { size: bigint; root: string };
  return { size: head.size, root: fromHex(head.root.slice(2)) };
}

/** The contract in the hands of whoever holds the anchoring key: the operator. */
export function asOperator(scene: Scene): { registry: Contract; wallet: Wallet; provider: JsonRpcProvider } {
  const wallet = new Wallet(readSecret(scene.instance.folder.anchorKey), scene.chain);
  return {
    registry: new Contract(scene.instance.anchor.contract, anchorRegistryAbi, wallet),
    wallet,
    provider: scene.chain,
  };
}

// Deploys AnchorRegistry and registers the log in it, with the anchoring key as owner and first submitter. Can be run
// again after a crash at any point: the contract's address follows from account and nonce and is written down first,
// and what the chain already has is not sent again. Replaces a deployment that is done only when told to.

import { createHash } from 'node:crypto';
import {
  Contract,
  ContractFactory,
  getCreateAddress,
  JsonRpcProvider,
  Wallet,
  ZeroAddress,
  type Provider,
} from 'ethers';
import { anchorRegistryAbi, anchorRegistryBytecode } from '../../contracts/generated/anchor-registry.ts';
import { readDeployment, writeDeployment, type Deployment } from './deployment.ts';

export interface DeployOptions {
  readonly rpcUrl: string;
  /** 64 hex digits, with or without 0x. */
  readonly anchorKey: string;
  readonly origin: string;
  /** Where the deployment is remembered. */
  readonly file: string;
  /** A deployment that is done: keep it (the default), replace it if this chain does not have it, or replace it. */
  readonly whenDone?: 'keep' | 'deploy-if-gone' | 'deploy-again';
  /** Pays for the anchoring account when it has nothing (only the local chain has such a giver). */
  readonly fund?: (provider: Provider, account: string) => Promise<void>;
}

/** The log's identifier on chain: SHA-256 of its origin (docs/spec/formats.md section 8). */
export function logIdOf(origin: string): string {
  return `0x${createHash('sha256').update(origin, 'utf8').digest('hex')}`;
}

/** Opens a plain JSON-RPC connection without the caching and batching that ethers does by default. */
export function openProvider(rpcUrl: string): JsonRpcProvider {
  return new JsonRpcProvider(rpcUrl, undefined, {
    staticNetwork: true,
    batchMaxCount: 1,
    cacheTimeout: -1,
    pollingInterval: 250,
  });
}

/** Resolves when contract and log are on the chain and the file says `done`. */
export async function deployRegistry(options: DeployOptions): Promise<Deployment> {
  const found = readDeployment(options.file);
  const whenDone = options.whenDone ?? 'keep';
  if (found?.state === 'done' && whenDone === 'keep') return found;
  const provider = openProvider(options.rpcUrl);
  try {
    if (found?.state === 'done' && whenDone === 'deploy-if-gone' && (await isThere(provider, found))) return found;
    const wallet = new Wallet(options.anchorKey, provider);
    await options.fund?.(provider, wallet.address);
    const plan = await planDeployment(provider, wallet, options, found?.state === 'planned' ? found : undefined);
    await ensureContract(provider, wallet, plan);
    await ensureLog(wallet, plan);
    const done: Deployment = { ...plan, state: 'done' };
    writeDeployment(options.file, done);
    return done;
  } finally {
    provider.destroy();
  }
}

/** Takes up the plan of an interrupted run while it can still come true, else makes a new one. */
async function planDeployment(
  provider: Provider,
  wallet: Wallet,
  { origin, file }: DeployOptions,
  found: Deployment | undefined,
): Promise<Deployment> {
  const { chainId } = await provider.getNetwork();
  const nonce = await provider.getTransactionCount(wallet.address, 'latest');
  const next = getCreateAddress({ from: wallet.address, nonce }).toLowerCase();
  if (found !== undefined && found.chainId === chainId.toString() && found.origin === origin) {
    if (found.contract === next || (await hasCode(provider, found.contract))) return found;
  }
  const plan: Deployment = {
    format: 'medanchor-deployment/1',
    state: 'planned',
    chainId: chainId.toString(),
    contract: next,
    origin,
    logId: logIdOf(origin),
    submitter: wallet.address.toLowerCase(),
  };
  writeDeployment(file, plan);
  return plan;
}

/** Whether this chain, by its id and by the contract's code, is the one of the deployment. */
async function isThere(provider: Provider, { chainId, contract }: Deployment): Promise<boolean> {
  const network = await provider.getNetwork();
  return network.chainId.toString() === chainId && (await hasCode(provider, contract));
}

async function hasCode(provider: Provider, address: string): Promise<boolean> {
  return (await provider.getCode(address)) !== '0x';
}

async function ensureContract(provider: Provider, wallet: Wallet, plan: Deployment): Promise<void> {
  if (await hasCode(provider, plan.contract)) return;
  const factory = new ContractFactory(anchorRegistryAbi, anchorRegistryBytecode, wallet);
  const contract = await factory.deploy();
  await contract.waitForDeployment();
  const address = (await contract.getAddress()).toLowerCase();
  if (address !== plan.contract) {
    throw new Error(
      `the contract went to ${address} instead of ${plan.contract}: is another program using the anchoring key?`,
    );
  }
}

async function ensureLog(wallet: Wallet, plan: Deployment): Promise<void> {
  const registry = new Contract(plan.contract, anchorRegistryAbi, wallet);
  const owner = String(await registry.getFunction('ownerOf')(plan.logId));
  if (owner === ZeroAddress) {
    const sent: unknown = await registry.getFunction('registerLog').send(plan.logId, wallet.address);
    await (sent as { wait: () => Promise<unknown> }).wait();
  } else if (owner.toLowerCase() !== plan.submitter) {
    throw new Error(`the log ${plan.origin} is registered in ${plan.contract} by another account, ${owner}`);
  }
}

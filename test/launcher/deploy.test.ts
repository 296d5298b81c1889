// The contract is deployed once, whatever happens between the steps.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Contract, ContractFactory, getCreateAddress, Wallet, type JsonRpcProvider } from 'ethers';
import { anchorRegistryAbi, anchorRegistryBytecode } from '../../contracts/generated/anchor-registry.ts';
import { startLocalChain, type LocalChain } from '../../scripts/chain/local-chain.ts';
import { deployRegistry, logIdOf, openProvider } from '../../scripts/deploy/deploy-registry.ts';
import { readDeployment, writeDeployment, type Deployment } from '../../scripts/deploy/deployment.ts';
import { fundFromWellKnownAccount } from '../../scripts/deploy/local-funds.ts';

const ORIGIN = 'deploy.test/log/1';
let folder: string;
let chain: LocalChain;
let provider: JsonRpcProvider;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-deploy-'));
  chain = await startLocalChain({ dataDir: path.join(folder, 'chain'), port: 0 });
  provider = openProvider(chain.url);
}, 30_000);

afterAll(async () => {
  provider.destroy();
  await chain.stop();
  rmSync(folder, { recursive: true, force: true });
});

function newOperator(): {
  wallet: Wallet;
  file: string;
  deploy: () => Promise<Deployment>;
  nonce: () => Promise<number>;
} {
  const anchorKey = randomBytes(32).toString('hex');
  const wallet = new Wallet(anchorKey, provider);
  const file = path.join(folder, `${wallet.address}.json`);
  return {
    wallet,
    file,
    deploy: () =>
      deployRegistry({ rpcUrl: chain.url, anchorKey, origin: ORIGIN, file, fund: fundFromWellKnownAccount }),
    nonce: () => provider.getTransactionCount(wallet.address),
  };
}

test('deploys the contract, registers the log for the anchoring key, and remembers it', async () => {
  const { wallet, file, deploy, nonce } = newOperator();
  const deployment = await deploy();
  expect(deployment).toEqual({
    format: 'medanchor-deployment/1',
    state: 'done',
    chainId: '31337',
    contract: getCreateAddress({ from: wallet.address, nonce: 0 }).toLowerCase(),
    origin: ORIGIN,
    logId: logIdOf(ORIGIN),
    submitter: wallet.address.toLowerCase(),
  });
  const registry = new Contract(deployment.contract, anchorRegistryAbi, provider);
  expect(await registry.getFunction('ownerOf')(deployment.logId)).toBe(wallet.address);
  expect(await registry.getFunction('isSubmitter')(deployment.logId, wallet.address)).toBe(true);
  expect(readDeployment(file)).toEqual(deployment);
  expect(await nonce()).toBe(2);
}, 20_000);

test('a second run sends nothing', async () => {
  const { deploy, nonce } = newOperator();
  const first = await deploy();
  expect(await deploy()).toEqual(first);
  expect(await nonce()).toBe(2);
}, 20_000);

test('a crash before the first transaction: the plan is carried out', async () => {
  const { wallet, file, deploy, nonce } = newOperator();
  const plan = planFor(wallet, 0);
  writeDeployment(file, plan);
  expect(await deploy()).toEqual({ ...plan, state: 'done' });
  expect(await nonce()).toBe(2);
}, 20_000);

test('a crash after the deployment: only the registration is sent', async () => {
  const { wallet, file, deploy, nonce } = newOperator();
  await fundFromWellKnownAccount(provider, wallet.address);
  writeDeployment(file, planFor(wallet, 0));
  await (await new ContractFactory(anchorRegistryAbi, anchorRegistryBytecode, wallet).deploy()).waitForDeployment();
  expect(await deploy()).toEqual({ ...planFor(wallet, 0), state: 'done' });
  expect(await nonce()).toBe(2);
}, 20_000);

test('a crash after the registration: nothing is sent, the plan becomes done', async () => {
  const { wallet, file, deploy, nonce } = newOperator();
  await deploy();
  writeDeployment(file, planFor(wallet, 0));
  expect(await deploy()).toEqual({ ...planFor(wallet, 0), state: 'done' });
  expect(await nonce()).toBe(2);
}, 20_000);

test('a plan whose nonce went to something else is replaced', async () => {
  const { wallet, file, deploy, nonce } = newOperator();
  await fundFromWellKnownAccount(provider, wallet.address);
  writeDeployment(file, planFor(wallet, 0));
  await (await wallet.sendTransaction({ to: wallet.address, value: 0n })).wait();
  expect(await deploy()).toEqual({ ...planFor(wallet, 1), state: 'done' });
  expect(await nonce()).toBe(3);
}, 20_000);

test('the log id is the SHA-256 of the origin', () => {
  expect(logIdOf('medanchor.local/log/1')).toBe('0x2f54de2b93560bb59379784b265b583aba7050240f68eb63f44e036ed846dded');
});

function planFor(wallet: Wallet, nonce: number): Deployment {
  return {
    format: 'medanchor-deployment/1',
    state: 'planned',
    chainId: '31337',
    contract: getCreateAddress({ from: wallet.address, nonce }).toLowerCase(),
    origin: ORIGIN,
    logId: logIdOf(ORIGIN),
    submitter: wallet.address.toLowerCase(),
  };
}

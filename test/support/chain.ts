// A local chain for a test file, with the contract deployed, the log registered and the anchoring account filled. Its
// journal works as usual; evm_* and hardhat_* are open, and what they change is in no journal.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonRpcProvider } from 'ethers';
import { startLocalChain, type LocalChain } from '../../scripts/chain/local-chain.ts';
import { deployRegistry, openProvider } from '../../scripts/deploy/deploy-registry.ts';
import type { Deployment } from '../../scripts/deploy/deployment.ts';
import { fundFromWellKnownAccount } from '../../scripts/deploy/local-funds.ts';

export const TEST_ORIGIN = 'test.medanchor.local/log/1';

export interface TestChain {
  readonly url: string;
  /** Fit for CHAIN_ID, ANCHOR_CONTRACT and ANCHOR_KEY_FILE. */
  readonly chainId: string;
  readonly contract: string;
  readonly anchorKeyFile: string;
  /** 64 hex digits. */
  readonly anchorKey: string;
  readonly deployment: Deployment;
  readonly provider: JsonRpcProvider;
  /** The folder that holds the chain's journal. */
  readonly dataDir: string;
  /** Ends the chain's process and starts it again on the same port, from its journal. `meanwhile` happens in between. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestChain(origin: string = TEST_ORIGIN): Promise<TestChain> {
  const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-chain-'));
  const dataDir = path.join(folder, 'chain');
  let chain: LocalChain | undefined;
  let provider: JsonRpcProvider | undefined;
  const stop = async (): Promise<void> => {
    provider?.destroy();
    await chain?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const first = await startLocalChain({ dataDir, port: 0, allowAdmin: true });
    chain = first;
    const anchorKeyFile = path.join(folder, 'anchor.key');
    writeFileSync(anchorKeyFile, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
    const anchorKey = readFileSync(anchorKeyFile, 'utf8').trim();
    const file = path.join(folder, 'deployment.json');
    const deployment = await deployRegistry({
      rpcUrl: first.url,
      anchorKey,
      origin,
      file,
      fund: fundFromWellKnownAccount,
    });
    provider = openProvider(first.url);
    const restart = async (meanwhile?: () => Promise<void>): Promise<void> => {
      await chain?.stop();
      await meanwhile?.();
      chain = await startLocalChain({ dataDir, port: first.port, allowAdmin: true });
    };
    const { chainId, contract } = deployment;
    return {
      url: first.url,
      chainId,
      contract,
      anchorKeyFile,
      anchorKey,
      deployment,
      provider,
      dataDir,
      restart,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

// `npm run deploy`: deploys AnchorRegistry on the chain of CHAIN_RPC_URL and registers the log, at the operator's explicit
// wish and cost. Remembers the result in the data folder, where `npm start` finds it. What is there is not deployed a
// second time, unless with --again. The local chain needs none of this. A log that was anchored elsewhere before goes on
// anchoring only after `npm run epoch`.

import { parseArgs } from 'node:util';
import { formatEther, Wallet } from 'ethers';
import { deployRegistry, openProvider } from './deploy/deploy-registry.ts';
import { dataFolderAt, ensureKey, openDataFolder, readSecret } from './launch/data-folder.ts';
import { loadSettings } from './launch/settings.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** The process's exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { again: { type: 'boolean', default: false } } });
  const settings = loadSettings(process.env);
  const rpcUrl = settings.CHAIN_RPC_URL;
  if (rpcUrl === undefined) {
    throw new Error('CHAIN_RPC_URL is required: on the local chain, `npm start` deploys the contract by itself');
  }
  const folder = dataFolderAt(settings.MEDANCHOR_HOME);
  const lock = openDataFolder(folder);
  try {
    if (settings.ANCHOR_KEY_FILE === undefined) ensureKey(folder.anchorKey);
    const anchorKey = readSecret(settings.ANCHOR_KEY_FILE ?? folder.anchorKey);
    await requireFunds(rpcUrl, anchorKey);
    const deployment = await deployRegistry({
      rpcUrl,
      anchorKey,
      origin: settings.LOG_ORIGIN,
      file: folder.deployment,
      whenDone: values.again ? 'deploy-again' : 'deploy-if-gone',
    });
    say(`log       ${deployment.origin} (${deployment.logId})`);
    say(`CHAIN_ID=${deployment.chainId}`);
    say(`ANCHOR_CONTRACT=${deployment.contract}`);
    return 0;
  } finally {
    lock.release();
  }
}

/** Deployment and registration cost about two million gas; without any money the message should name the account. */
async function requireFunds(rpcUrl: string, anchorKey: string): Promise<void> {
  const provider = openProvider(rpcUrl);
  try {
    const { address } = new Wallet(anchorKey);
    const [balance, { chainId }] = [await provider.getBalance(address), await provider.getNetwork()];
    say(`account   ${address} has ${formatEther(balance)} on chain ${chainId.toString()}`);
    if (balance === 0n)
      throw new Error(
        `the anchoring account ${address} has nothing on chain ${chainId.toString()}; send it some first`,
      );
  } finally {
    provider.destroy();
  }
}

// The `init` service of docker-compose.yml: makes the keys on the first start and deploys the contract on the compose
// file's own local chain, then writes what the API must be told to service.env (read with node's --env-file). Runs on
// every start and changes nothing when all is there. Not for any other chain: there, see `npm run deploy`.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { deployRegistry } from './deploy/deploy-registry.ts';
import { fundFromWellKnownAccount } from './deploy/local-funds.ts';
import { dataFolderAt, ensureKey, readSecret, replaceFile } from './launch/data-folder.ts';
import { loadSettings } from './launch/settings.ts';

const { values } = parseArgs({ options: { data: { type: 'string', default: '/data' } } });
const settings = loadSettings(process.env);
if (settings.CHAIN_RPC_URL === undefined) throw new Error('CHAIN_RPC_URL is required');

const folder = dataFolderAt(values.data);
mkdirSync(path.dirname(folder.anchorKey), { recursive: true, mode: 0o700 });
for (const file of [folder.anchorKey, folder.checkpointKey, folder.kek, folder.postgresAppPassword]) ensureKey(file);
const deployment = await deployRegistry({
  rpcUrl: settings.CHAIN_RPC_URL,
  anchorKey: readSecret(folder.anchorKey),
  origin: settings.LOG_ORIGIN,
  file: folder.deployment,
  fund: fundFromWellKnownAccount,
});
const password = readSecret(folder.postgresAppPassword);
const service = {
  DATABASE_URL: `postgres://medanchor_app:${password}@postgres:5432/medanchor`,
  CHAIN_ID: deployment.chainId,
  ANCHOR_CONTRACT: deployment.contract,
  LOG_ORIGIN: deployment.origin,
  ANCHOR_KEY_FILE: folder.anchorKey,
  CHECKPOINT_KEY_FILE: folder.checkpointKey,
  KEK_FILE: folder.kek,
};
replaceFile(
  path.join(values.data, 'service.env'),
  Object.entries(service)
    .map(([name, value]) => `${name}=${value}\n`)
    .join(''),
);
process.stdout.write(`contract ${deployment.contract} on chain ${deployment.chainId}, log ${deployment.origin}\n`);

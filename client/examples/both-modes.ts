// Both ways to use a MedAnchor ledger, against a running service, as a machine that is registered there:
//
//   npm run client -- --name example --role record-system --source example
//   node scripts/medanchor.mjs run client/examples/both-modes.ts --client example.client.json --url http://127.0.0.1:3000
//
// It registers a fresh signing key for the source `example`, submits one signed version with its content and one as a commitment
// only, and then checks both bundles with the verifier library alone.
//
// In the place of --client, whose file holds the machine's private key: --token-file FILE, which holds an access token.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  backendTokens,
  generateSigningKey,
  MedAnchorClient,
  MemoryKeyStore,
  registeredClient,
  type Version,
} from '@medanchor/client';
import { utf8, verifyBundle, type Bundle } from '@medanchor/verifier';

const OPTIONS = {
  url: { type: 'string', default: 'http://127.0.0.1:3000' },
  'log-key': { type: 'string' },
  client: { type: 'string' },
  'token-file': { type: 'string' },
} as const;

const { values } = parseArgs({ options: OPTIONS });

function token(): () => Promise<string> {
  const { client, 'token-file': file } = values;
  if (client !== undefined) return backendTokens(registeredClient(readFileSync(client, 'utf8')));
  if (file !== undefined) return async () => readFileSync(file, 'utf8').trim();
  console.error('who is asking? --client FILE (written by `npm run client`) or --token-file FILE');
  process.exit(2);
}

/** Invented; a real record system takes its own. */
function observation(value: string): Version & { readonly content: Uint8Array } {
  const id = randomUUID();
  return {
    recordId: `Observation/${id}`,
    versionId: '1',
    activity: 'create',
    mediaType: 'application/fhir+json',
    content: utf8(
      `{"resourceType":"Observation","id":"${id}","status":"final","code":{"text":"Glucose"},"valueQuantity":{"value":${value},"unit":"mmol/L"}}`,
    ),
  };
}

/** What anybody can find out with the bundle, the content and the log's key. */
async function report(mode: string, bundle: Bundle, { recordId, versionId, content }: Version): Promise<void> {
  const logKey = values['log-key'];
  const { verdict, checks } = await verifyBundle(bundle, {
    trust: logKey === undefined ? {} : { logKeys: [logKey] },
    identity: { source: 'example', recordId, versionId },
    ...(content === null ? {} : { content }),
  });
  console.log(`\n${mode}: ${verdict ?? 'not comparable'}`);
  for (const { name, result, reason } of checks) {
    if (result !== 'skipped') console.log(`  ${result === 'passed' ? '✓' : '✗'} ${name}: ${reason}`);
  }
}

// In production both stay where they are safe: the private key in a key store of the record system, the record keys in its database.
const { key: signingKey } = await generateSigningKey('EdDSA');
const client = new MedAnchorClient({
  url: values.url,
  token: token(),
  source: 'example',
  signingKey,
  recordKeys: new MemoryKeyStore(),
});
await client.registerKey();
console.log(`key ${signingKey.keyId} is registered for source example`);

const known = observation('5.60');
const receipt = await client.submit(known, { wait: 'checkpointed' });
console.log(`content mode: entry ${receipt.index}, ${receipt.state}, attested by ${receipt.attestation.by}`);

const hidden = observation('7.20');
const hiddenReceipt = await client.submitDigest(hidden, { wait: 'checkpointed' });
console.log(
  `digest mode: entry ${hiddenReceipt.index}, known to the ledger as ${hiddenReceipt.recordId.slice(0, 16)}…`,
);

await report('content mode', await client.bundle(known), known);
await report('digest mode', await client.bundle(hidden, 'digest'), hidden);

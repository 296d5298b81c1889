// What settings must be together: a key provider has what it needs, and nothing that matters leaves this machine unencrypted
// unless somebody says so. Works on the given texts, so that these faults are named beside those of single values.
import {
  DATABASE_CONNECTIONS,
  databaseCertificateFaults,
  databaseIsSafe,
  databaseTlsFiles,
} from './database-url.rules.ts';
import { isLoopback } from './loopback.rules.ts';

/** One line for each fault, naming the variable and the way out; no value. */
export type Given = Readonly<Record<string, string | undefined>>;

/** @param given without empty values */
export function faultsTogether(given: Given): readonly string[] {
  return [...keyFaults(given), ...networkFaults(given)];
}

function keyFaults(given: Given): readonly string[] {
  if ((given['KEY_PROVIDER'] ?? 'local') === 'local')
    return given['KEK_FILE'] === undefined ? ['KEK_FILE is required: the path of a file'] : [];
  const faults: string[] = [];
  if (given['VAULT_ADDR'] === undefined) faults.push('VAULT_ADDR is required with KEY_PROVIDER=vault: its address');
  faults.push(...vaultCredentialFaults(given));
  return faults;
}

function vaultCredentialFaults(given: Given): readonly string[] {
  const token = given['VAULT_TOKEN_FILE'] !== undefined;
  const role = given['VAULT_ROLE_ID'] !== undefined;
  const secret = given['VAULT_SECRET_ID_FILE'] !== undefined;
  if (token && !role && !secret) return [];
  if (!token && role && secret) return [];
  return [
    'VAULT_TOKEN_FILE is required with KEY_PROVIDER=vault, or else VAULT_ROLE_ID and VAULT_SECRET_ID_FILE together; not both',
  ];
}

const WAY_OUT = 'INSECURE_NETWORK=on allows it for a private network of containers';

/** TLS is required outside loopback: for what we serve, and for the database, the chain and the key service. */
export function networkFaults(given: Given): readonly string[] {
  const faults: string[] = [];
  const [cert, key] = [given['TLS_CERT_FILE'], given['TLS_KEY_FILE']];
  if ((cert === undefined) !== (key === undefined))
    faults.push(
      `${cert === undefined ? 'TLS_CERT_FILE' : 'TLS_KEY_FILE'} is required: certificate and key go together`,
    );
  if (given['TLS_CLIENT_CA_FILE'] !== undefined && cert === undefined)
    faults.push('TLS_CERT_FILE is required with TLS_CLIENT_CA_FILE: who speaks no TLS asks for no certificate');
  faults.push(...databaseCertificateFaults(given));
  if (given['INSECURE_NETWORK'] === 'on') return faults;
  const proxied = given['TLS_TERMINATED_BY_PROXY'] === 'on';
  if (!isLoopback(given['HOST'] ?? '127.0.0.1') && cert === undefined && !proxied)
    faults.push(
      `HOST must be a loopback address without TLS: set TLS_CERT_FILE and TLS_KEY_FILE, or TLS_TERMINATED_BY_PROXY=on behind a proxy that speaks TLS; ${WAY_OUT}`,
    );
  for (const { url: name } of DATABASE_CONNECTIONS)
    if (!databaseIsSafe(given[name], databaseTlsFiles(given, name)))
      faults.push(
        `${name} must use TLS to another machine: add sslmode=verify-full to it, or set DATABASE_CA_FILE; ${WAY_OUT}`,
      );
  for (const [name, what] of [
    ['CHAIN_RPC_URL', 'the chain'],
    ['VAULT_ADDR', 'the key service'],
  ] as const)
    if (!httpIsSafe(given[name]))
      faults.push(`${name} must start with https:// when ${what} is on another machine; ${WAY_OUT}`);
  return faults;
}

/** Connections that leave this machine unencrypted, by the variable that says so; for the warning in health. */
export function plainConnections(given: Given): readonly string[] {
  return networkFaults({ ...given, INSECURE_NETWORK: 'off' }).map((fault) => fault.split(' ')[0] ?? '');
}

/** A value that is no URL is somebody else's fault to name. */
function httpIsSafe(text: string | undefined): boolean {
  const url = text === undefined ? null : URL.parse(text);
  return url === null || url.protocol !== 'http:' || isLoopback(url.hostname);
}

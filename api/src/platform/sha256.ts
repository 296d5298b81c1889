// SHA-256 for the verifier's functions in this process: the faster of two implementations for each length. Nearly all of the
// ledger's hashes are over fewer than 160 octets, where the call into Node costs more than the hash: hash-wasm takes
// 0.45 µs for 32 octets and 0.7 µs for 96 against 0.9 µs, and Node's is twice as fast from 1 kB on (npm run bench -- tree).
import { hash } from 'node:crypto';
import { createSHA256 } from 'hash-wasm';
import { installSha256, type Sha256 } from '@medanchor/verifier';

const SHORT = 160;

export async function fastSha256(): Promise<Sha256> {
  const short = await createSHA256();
  return (octets) =>
    octets.length > SHORT ? hash('sha256', octets, 'buffer') : short.init().update(octets).digest('binary');
}

/** Installs it for the whole process; the verifier checks it against known vectors first. Safe to call again. */
export async function installFastSha256(): Promise<void> {
  installSha256(await fastSha256());
}

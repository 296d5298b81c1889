// The SHA-256 that the service installs for the verifier's functions, for the sections that call these functions directly. They
// import the verifier's sources, which are another instance of the module than the package that the service installs it in.

import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { fastSha256 } from '../../../api/src/platform/sha256.ts';
import { installSha256, type Sha256 } from '../../../verifier/src/hash.ts';

export function serviceSha256(): Promise<Sha256> {
  return fastSha256();
}

/** Runs `work` with the service's SHA-256 installed, and then puts back the one that the library comes with. */
export async function withServiceSha256<T>(work: (sha256: Sha256) => Promise<T>): Promise<T> {
  const sha256 = await serviceSha256();
  installSha256(sha256);
  try {
    return await work(sha256);
  } finally {
    installSha256(nobleSha256);
  }
}

// Writes contracts/generated/anchor-registry.ts: the interface and the code of AnchorRegistry as one committed TypeScript
// module, so that the service, the launcher and an auditor need no compiler at run time, and a change of the deployed
// code shows in review.
//
//   node scripts/generate-contract.ts
//
// test/contracts/generated.test.ts fails while the committed file is not what this program would write.

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { keccak256 } from 'ethers';
import { format, resolveConfig } from 'prettier';
import { buildContracts, readContract } from './contract-build.ts';

export const GENERATED_FILE = fileURLToPath(new URL('../contracts/generated/anchor-registry.ts', import.meta.url));

/** The text that the committed file must have for the sources as they are now. */
export async function renderAnchorRegistry(): Promise<string> {
  const { abi, bytecode, deployedBytecode } = await readContract(await buildContracts(), 'AnchorRegistry');
  const text = `// Generated from contracts/AnchorRegistry.sol by scripts/generate-contract.ts. Do not edit: change the contract and run
// that program again.

/** The interface: functions, events and every custom error a call can end with. */
export const anchorRegistryAbi = ${JSON.stringify(abi)} as const;

/** What a deployment transaction carries. The constructor takes no arguments. */
export const anchorRegistryBytecode = '${bytecode}';

/** Keccak-256 of the code at the contract's address (EXTCODEHASH); the same for every deployment. */
export const anchorRegistryCodeHash = '${keccak256(deployedBytecode)}';
`;
  return await format(text, { ...(await resolveConfig(GENERATED_FILE)), filepath: GENERATED_FILE });
}

if (import.meta.main) {
  await writeFile(GENERATED_FILE, await renderAnchorRegistry());
  console.log(`wrote ${GENERATED_FILE}`);
}

// Hardhat 3 configuration: how the contracts are compiled and which chains run inside this repository.
//
// Compiler: the WebAssembly build in the npm package `solc`, given by absolute path, so nothing is fetched from outside the
// npm registry and the bytecode is the same on every machine. `metadata.bytecodeHash: 'none'` keeps the hash of the
// comments out of the bytecode: the deployed code hash changes only when the behaviour (or the compiler) does.
//
// Networks: `default` is the in-process chain of the tests. `node` is the one that `hardhat node` serves. Its genesis is
// fixed, so replaying the same raw transactions at the same block times gives the same block hashes again.

import { createRequire } from 'node:module';
import hardhatEthers from '@nomicfoundation/hardhat-ethers';
import { defineConfig } from 'hardhat/config';

const LOCAL_CHAIN_ID = 31337;

/** Everything that enters the genesis block of the local chains, besides Hardhat's well-known development accounts. */
const localChain = {
  type: 'edr-simulated',
  chainType: 'l1',
  chainId: LOCAL_CHAIN_ID,
  hardfork: 'osaka',
  initialDate: '2026-01-01T00:00:00Z',
  mining: { auto: true },
} as const;

export default defineConfig({
  plugins: [hardhatEthers],
  solidity: {
    version: '0.8.37',
    path: createRequire(import.meta.url).resolve('solc/soljson.js'),
    settings: {
      // One fork behind the newest: the code uses nothing that came later, and more chains can run it.
      evmVersion: 'prague',
      viaIR: true,
      optimizer: { enabled: true, runs: 10_000 },
      metadata: { bytecodeHash: 'none' },
    },
  },
  networks: {
    default: localChain,
    node: localChain,
  },
  test: {
    solidity: {
      // A fixed seed: a failure can be run again, and no run fails by luck. fast-check varies its seed in test/contracts.
      fuzz: { runs: 512, seed: '0x6d6564616e63686f720000000000000000000000000000000000000000000001' },
    },
  },
});

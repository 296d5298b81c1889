// Which JSON-RPC methods the local chain answers: reads and signed raw transactions, and nothing that it does not know.

import { expect, test } from '@jest/globals';
import { classifyMethod } from '../../scripts/chain/method-policy.ts';

test.each([
  ['eth_sendRawTransaction', 'send-raw'],
  ['eth_call', 'read'],
  ['eth_getLogs', 'read'],
  ['eth_getTransactionReceipt', 'read'],
  ['eth_estimateGas', 'read'],
  ['eth_feeHistory', 'read'],
  ['eth_newFilter', 'read'],
  ['net_version', 'read'],
  ['web3_clientVersion', 'read'],
  ['hardhat_metadata', 'read'],
  ['debug_traceTransaction', 'read'],
  ['eth_sendTransaction', 'admin'],
  ['eth_sendRawTransactionConditional', 'admin'],
  ['eth_sign', 'admin'],
  ['eth_signTypedData_v4', 'admin'],
  ['eth_subscribe', 'admin'],
  ['evm_mine', 'admin'],
  ['evm_revert', 'admin'],
  ['evm_snapshot', 'admin'],
  ['hardhat_setBalance', 'admin'],
  ['hardhat_reset', 'admin'],
  ['hardhat_metadataX', 'admin'],
  ['debug_setHead', 'admin'],
  ['personal_sign', 'admin'],
  ['anvil_setCode', 'admin'],
  ['xeth_call', 'admin'],
  ['', 'admin'],
])('%s is %s', (method, verdict) => {
  expect(classifyMethod(method)).toBe(verdict);
});

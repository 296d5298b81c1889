// refusalReason and revertData: what an endpoint means, in the words of the clients that are in use.

import { expect, test } from '@jest/globals';
import { refusalReason, revertData } from '../../api/src/ledger/chain/refusal.rules.ts';

test.each([
  ['nonce too low: next nonce 8, tx nonce 7', 'nonce-used'],
  ['Nonce too low. Expected nonce to be 8 but got 7.', 'nonce-used'],
  ['OldNonce', 'nonce-used'],
  ['Transaction nonce is below sender account nonce', 'nonce-used'],
  ['nonce too high: got 65535, the next nonce of 0x00 is 43', 'nonce-gap'],
  ['Nonce too high. Expected nonce to be 8 but got 9.', 'nonce-gap'],
  ['NonceGap, Future nonce. Expected nonce: 8', 'nonce-gap'],
  ['Transaction nonce is too distant from current sender nonce', 'nonce-gap'],
  ['insufficient funds for gas * price + value: balance 0, tx cost 21000', 'insufficient-funds'],
  [
    "Sender doesn't have enough funds to send tx. The max upfront cost is: 1 and the sender's balance is: 0.",
    'insufficient-funds',
  ],
  ['InsufficientFunds, Account balance: 0, cumulative cost: 21000', 'insufficient-funds'],
  ['Upfront cost exceeds account balance', 'insufficient-funds'],
  ['replacement transaction underpriced', 'underpriced'],
  ['Replacement transaction underpriced. A gasPrice/maxFeePerGas of at least 11 is necessary', 'underpriced'],
  ['transaction underpriced: gas tip cap 1, minimum needed 25000000000', 'underpriced'],
  ['max fee per gas less than block base fee: address 0x00, maxFeePerGas: 1, baseFee: 7', 'underpriced'],
  ['Gas price below configured minimum gas price', 'underpriced'],
  ['FeeTooLow, MaxFeePerGas too low. MaxFeePerGas: 1, BaseFee: 7', 'underpriced'],
  ['exceeds block gas limit', 'other'],
  ['Too Many Requests', 'other'],
  ['', 'other'],
] as const)('%s: %s', (message, reason) => {
  expect(refusalReason(message)).toBe(reason);
});

test.each([
  ['the data itself', 'execution reverted', '0x08c379a0', '0x08c379a0'],
  ['the data one level deeper', 'reverted with a custom error', { message: 'x', data: '0xabcdef01' }, '0xabcdef01'],
  ['no data, but the word', 'execution reverted', undefined, '0x'],
  ['data of another kind, but the word', 'VM Exception: revert', { data: 7 }, '0x'],
  ['too many requests: no revert', 'daily request count exceeded, request rate limited', { rate: 1 }, null],
  ['an unknown method: no revert', 'the method eth_call does not exist', null, null],
  ['text where data should be: no revert', 'internal error', 'Reverse proxy failed', null],
] as const)('a revert is told from other errors: %s', (_, message, data, expected) => {
  expect(revertData(message, data)).toBe(expected);
});

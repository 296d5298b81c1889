// Gives the anchoring account test money on the local chain: a transfer from Hardhat's first well-known account, signed
// here and sent raw, so that it is in the journal like everything else. Worthless on any other chain.

import { HDNodeWallet, parseEther, type Provider } from 'ethers';

// Published by Hardhat; every local chain starts with these accounts filled.
const WELL_KNOWN_PHRASE = 'test test test test test test test test test test test junk';
const ENOUGH = parseEther('10');
const GIFT = parseEther('1000');

export async function fundFromWellKnownAccount(provider: Provider, account: string): Promise<void> {
  if ((await provider.getBalance(account)) >= ENOUGH) return;
  const giver = HDNodeWallet.fromPhrase(WELL_KNOWN_PHRASE).connect(provider);
  const sent = await giver.sendTransaction({ to: account, value: GIFT });
  await sent.wait();
}

// The ABI that the service calls is part of the contract's own.
import { Interface } from 'ethers';
import { expect, test } from '@jest/globals';
import { ANCHOR_REGISTRY_ABI } from '../../api/src/ledger/chain/anchor-registry.abi.ts';
import * as generated from '../../contracts/generated/anchor-registry.ts';

const contract = new Interface(Object.values(generated).find((value) => Array.isArray(value)) as never);

test.each(ANCHOR_REGISTRY_ABI.map((line) => [line.replace(/\(.*/, ''), line] as const))(
  '%s is in the contract, exactly',
  (_name, line) => {
    const [fragment] = new Interface([line]).fragments;
    const formatted = contract.fragments.map((one) => one.format('sighash'));
    expect(formatted).toContain(fragment?.format('sighash'));
  },
);

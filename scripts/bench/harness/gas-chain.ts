// Hardhat's in-process chain, as far as reading gas needs it.

import { Interface, type JsonFragment } from 'ethers';
import type { NetworkConnection } from 'hardhat/types/network';
import { anchorRegistryAbi, anchorRegistryBytecode } from '../../../contracts/generated/anchor-registry.ts';
import { buildContracts, environmentFor, readContract } from '../../contract-build.ts';

interface Receipt {
  readonly status: string;
  readonly gasUsed: string;
  readonly contractAddress: string | null;
}

export interface Deployed {
  /** The account that sends. */
  readonly account: string;
  /** Sends one transaction and returns the gas that it used. Rejects when it reverts. */
  send(name: string, ...args: readonly unknown[]): Promise<number>;
}

export class GasChain {
  readonly #connection: NetworkConnection;
  readonly #account: string;

  private constructor(connection: NetworkConnection, account: string) {
    this.#connection = connection;
    this.#account = account;
  }

  static async open(): Promise<GasChain> {
    const environment = await environmentFor(await buildContracts());
    const connection = await environment.network.create();
    const accounts = (await connection.provider.request({ method: 'eth_accounts' })) as string[];
    const account = accounts[0];
    if (account === undefined) throw new Error('the in-process chain has no accounts');
    return new GasChain(connection, account);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  /** The product, from its committed module. */
  async deployRegistry(): Promise<Deployed> {
    return await this.#deploy(anchorRegistryAbi, anchorRegistryBytecode);
  }

  /** One of contracts/test/, compiled from the sources. */
  async deployTestContract(name: string): Promise<Deployed> {
    const { abi, bytecode } = await readContract(await buildContracts(), `test/${name}`);
    return await this.#deploy(abi, bytecode);
  }

  async #deploy(abi: readonly JsonFragment[], data: string): Promise<Deployed> {
    const { contractAddress } = await this.#send({ data });
    if (contractAddress === null) throw new Error('the deployment made no contract');
    const contract = new Interface(abi);
    return {
      account: this.#account,
      send: async (name, ...args) => {
        const receipt = await this.#send({ to: contractAddress, data: contract.encodeFunctionData(name, args) });
        return Number(receipt.gasUsed);
      },
    };
  }

  async #send(transaction: Readonly<Record<string, string>>): Promise<Receipt> {
    const { provider } = this.#connection;
    const params = [{ from: this.#account, ...transaction }];
    const hash: unknown = await provider.request({ method: 'eth_sendTransaction', params });
    const receipt = (await provider.request({ method: 'eth_getTransactionReceipt', params: [hash] })) as Receipt;
    if (receipt.status !== '0x1') throw new Error(`the transaction ${String(hash)} failed`);
    return receipt;
  }
}

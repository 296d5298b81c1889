// An in-process Hardhat chain and a client for one contract on it. The client speaks plain JSON-RPC to the chain: thousands
// of calls per file would spend most of their time in a contract library otherwise.

import { getAddress, Interface, type JsonFragment, type LogDescription, type Result } from 'ethers';
import type { NetworkConnection } from 'hardhat/types/network';
import { buildContracts, environmentFor, readContract } from '../../../scripts/contract-build.ts';
import { anchorRegistryAbi, anchorRegistryBytecode } from '../../../contracts/generated/anchor-registry.ts';

// Hardhat decorates the stack of a failed call and insists that there is a formatter to hand over to. Node sets one in its
// own realm, jest sets none in that of a test: this is the plain format of V8.
Error.prepareStackTrace ??= (error, frames) => [String(error), ...frames].join('\n    at ');

interface RawReceipt {
  readonly status: string;
  readonly gasUsed: string;
  readonly blockNumber: string;
  readonly contractAddress: string | null;
  readonly logs: readonly { readonly topics: readonly string[]; readonly data: string }[];
}

export interface Receipt {
  readonly gasUsed: bigint;
  readonly blockNumber: bigint;
  readonly events: readonly LogDescription[];
}

/** A call or transaction that ended with one of the contract's errors. */
export class Reverted extends Error {
  constructor(
    readonly errorName: string,
    readonly errorArgs: readonly unknown[],
  ) {
    super(`${errorName}(${errorArgs.map(String).join(', ')})`);
  }
}

export class Chain {
  private constructor(
    private readonly connection: NetworkConnection,
    readonly accounts: readonly string[],
  ) {}

  static async open(): Promise<Chain> {
    // Not the global environment: that one reads artifacts/, which need not exist and which another process may be writing.
    const hre = await environmentFor(await buildContracts());
    const connection = await hre.network.create();
    const accounts = (await connection.provider.request({ method: 'eth_accounts' })) as string[];
    return new Chain(connection, accounts.map(getAddress));
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  async request<T>(method: string, ...params: unknown[]): Promise<T> {
    return (await this.connection.provider.request({ method, params })) as T;
  }

  account(index: number): string {
    const account = this.accounts[index];
    if (account === undefined) throw new Error(`the chain has no account ${index}`);
    return account;
  }

  /** The product: deployed from the committed module, which generated.test.ts compares with the sources. */
  async deployRegistry(): Promise<Contract> {
    return await this.deploy(anchorRegistryAbi, anchorRegistryBytecode);
  }

  /** A contract of contracts/test/, compiled from the sources; `patch` may change its code before it is deployed. */
  async deployTestContract(name: string, patch = (bytecode: string): string => bytecode): Promise<Contract> {
    const { abi, bytecode } = await readContract(await buildContracts(), `test/${name}`);
    return await this.deploy(abi, patch(bytecode));
  }

  private async deploy(abi: readonly JsonFragment[], bytecode: string): Promise<Contract> {
    const hash = await this.request<string>('eth_sendTransaction', { from: this.account(0), data: bytecode });
    const receipt = await this.request<RawReceipt>('eth_getTransactionReceipt', hash);
    if (receipt.contractAddress === null) throw new Error('the deployment made no contract');
    return new Contract(this, receipt.contractAddress, new Interface(abi), BigInt(receipt.gasUsed));
  }
}

export class Contract {
  constructor(
    readonly chain: Chain,
    readonly address: string,
    readonly iface: Interface,
    readonly deploymentGas: bigint,
  ) {}

  /** Sends a transaction and waits for its block. Throws {@link Reverted}. */
  async send(from: string, name: string, ...args: unknown[]): Promise<Receipt> {
    const data = this.iface.encodeFunctionData(name, args);
    const hash = await this.decodingErrors(
      this.chain.request<string>('eth_sendTransaction', { from, to: this.address, data }),
    );
    const raw = await this.chain.request<RawReceipt>('eth_getTransactionReceipt', hash);
    const events = raw.logs.map((log) => {
      const event = this.iface.parseLog(log);
      if (event === null) throw new Error('the contract emitted an event that is not in its interface');
      return event;
    });
    return { gasUsed: BigInt(raw.gasUsed), blockNumber: BigInt(raw.blockNumber), events };
  }

  /** Runs a transaction without keeping what it did. Throws {@link Reverted}. */
  async simulate(from: string, name: string, ...args: unknown[]): Promise<void> {
    const data = this.iface.encodeFunctionData(name, args);
    await this.decodingErrors(this.chain.request('eth_call', { from, to: this.address, data }, 'latest'));
  }

  /** Reads. Throws {@link Reverted}. */
  async call(name: string, ...args: unknown[]): Promise<Result> {
    const data = this.iface.encodeFunctionData(name, args);
    const to = this.address;
    return this.iface.decodeFunctionResult(
      name,
      await this.decodingErrors(this.chain.request<string>('eth_call', { to, data }, 'latest')),
    );
  }

  private async decodingErrors<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      const data = revertData(error);
      const description = data === undefined ? null : this.iface.parseError(data);
      if (description === null) throw error;
      throw new Reverted(description.name, [...description.args]);
    }
  }
}

/** The node reports revert data as `data`, or one level deeper. */
function revertData(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('data' in error)) return undefined;
  const { data } = error;
  if (typeof data === 'string') return data;
  if (typeof data === 'object' && data !== null && 'data' in data && typeof data.data === 'string') return data.data;
  return undefined;
}

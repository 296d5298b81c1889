// AnchorRegistry through ethers and plain JSON-RPC.
import { fromHex, toHex } from '@medanchor/verifier';
import {
  Contract,
  FetchRequest,
  isCallException,
  isError,
  JsonRpcProvider,
  Network,
  Transaction,
  Wallet,
  type Log,
  type TransactionRequest,
} from 'ethers';
import { type TreeHead } from '../model.ts';
import {
  AnchorRefusedError,
  AnchorRegistry,
  ChainUnreachableError,
  type AnchorCall,
  type AnnouncedHead,
  type ChainHead,
  type ChainView,
  type Receipt,
  type SignedTransaction,
} from './anchor-registry.port.ts';
import { ANCHOR_REGISTRY_ABI } from './anchor-registry.abi.ts';

const ZERO_ADDRESS = `0x${'0'.repeat(40)}`;
/** Above the worst measured anchor (test/contracts/gas-snapshot.json); the estimate decides, this only bounds it. */
const GAS_LIMIT_CAP = 500_000n;

export interface EvmOptions {
  readonly rpcUrl: string;
  readonly timeoutMs: number;
  readonly chainId: bigint;
  readonly contract: string;
  readonly logId: Uint8Array;
  readonly privateKey: Uint8Array;
}

export class EvmAnchorRegistry extends AnchorRegistry {
  readonly #provider: JsonRpcProvider;
  readonly #wallet: Wallet;
  readonly #contract: Contract;
  readonly #address: string;
  readonly #logId: string;

  constructor(options: EvmOptions) {
    super();
    const request = new FetchRequest(options.rpcUrl);
    request.timeout = options.timeoutMs;
    // ethers would retry a refused connection for minutes; the stage's own timer retries.
    request.setThrottleParams({ maxAttempts: 1 });
    // The network is given, or ethers would look for it by itself, for ever, and print to standard output. That the chain at
    // the other end was exchanged is noticed all the same: `view` asks for its id each time, and nothing is cached.
    this.#provider = new JsonRpcProvider(request, Network.from(options.chainId), {
      staticNetwork: true,
      cacheTimeout: -1,
      batchMaxCount: 1,
    });
    this.#wallet = new Wallet(`0x${toHex(options.privateKey)}`, this.#provider);
    this.#address = options.contract;
    this.#contract = new Contract(options.contract, ANCHOR_REGISTRY_ABI, this.#wallet);
    this.#logId = `0x${toHex(options.logId)}`;
  }

  get account(): string {
    return this.#wallet.address;
  }

  async view(): Promise<ChainView> {
    return this.#reaching(async () => {
      const chainId = BigInt((await this.#provider.send('eth_chainId', [])) as string);
      const blockNumber = BigInt((await this.#provider.send('eth_blockNumber', [])) as string);
      const nothing = { chainId, blockNumber, head: null, registered: false, submitter: false, paused: false };
      const code = (await this.#provider.send('eth_getCode', [this.#address, 'latest'])) as string;
      if (code === '0x') return nothing;
      try {
        const [head, owner, submitter, paused] = await Promise.all([
          this.#head(),
          this.#contract.getFunction('ownerOf')(this.#logId) as Promise<string>,
          this.#contract.getFunction('isSubmitter')(this.#logId, this.#wallet.address) as Promise<boolean>,
          this.#contract.getFunction('isPaused')(this.#logId) as Promise<boolean>,
        ]);
        return { chainId, blockNumber, head, registered: owner !== ZERO_ADDRESS, submitter, paused };
      } catch (error) {
        // Some contract is there, but it does not speak our interface (or it reverts for an unknown log).
        if (isCallException(error) || isError(error, 'BAD_DATA')) return nothing;
        throw error;
      }
    });
  }

  async #head(): Promise<ChainHead> {
    const head = (await this.#contract.getFunction('head')(this.#logId)) as { root: string; size: bigint };
    return { size: head.size, root: fromHex(head.root.slice(2)) };
  }

  async sign(call: AnchorCall): Promise<SignedTransaction> {
    return this.#reaching(async () => {
      const method = this.#contract.getFunction('anchor');
      const args = [this.#logId, call.size, `0x${toHex(call.root)}`, call.proof.map((hash) => `0x${toHex(hash)}`)];
      try {
        const request: TransactionRequest = await method.populateTransaction(...args);
        const gas = await this.#provider.estimateGas({ ...request, from: this.#wallet.address });
        const populated = await this.#wallet.populateTransaction({
          ...request,
          gasLimit: min((gas * 3n) / 2n, GAS_LIMIT_CAP),
        });
        const raw = await this.#wallet.signTransaction(populated);
        const parsed = Transaction.from(raw);
        return { raw, hash: parsed.hash as string, nonce: BigInt(parsed.nonce) };
      } catch (error) {
        throw this.#refusal(error) ?? error;
      }
    });
  }

  #refusal(error: unknown): AnchorRefusedError | null {
    if (!isCallException(error)) return null;
    const parsed = error.data === null ? null : this.#contract.interface.parseError(error.data);
    const reason = parsed?.name ?? 'unknown';
    return new AnchorRefusedError(reason, `the contract refuses the anchor: ${reason}`, { cause: error });
  }

  async send(transaction: SignedTransaction): Promise<void> {
    await this.#reaching(async () => {
      try {
        await this.#provider.send('eth_sendRawTransaction', [transaction.raw]);
      } catch (error) {
        // The node may have it already (a repeated send after a lost answer); its receipt will tell.
        if (await this.#knows(transaction.hash)) return;
        throw error;
      }
    });
  }

  async #knows(hash: string): Promise<boolean> {
    return (await this.#provider.send('eth_getTransactionByHash', [hash])) !== null;
  }

  async receipt(transaction: string): Promise<Receipt | null> {
    return this.#reaching(async () => {
      const receipt = await this.#provider.getTransactionReceipt(transaction);
      if (receipt === null) return null;
      return {
        success: receipt.status === 1,
        blockNumber: BigInt(receipt.blockNumber),
        blockHash: receipt.blockHash,
        gasUsed: receipt.gasUsed,
        announced: this.#announced(receipt.logs),
      };
    });
  }

  #announced(logs: readonly Log[]): TreeHead | null {
    for (const log of logs) {
      if (log.address.toLowerCase() !== this.#address) continue;
      const event = this.#contract.interface.parseLog(log);
      if (event?.name !== 'HeadAnchored' || event.args['logId'] !== this.#logId) continue;
      return { size: event.args['size'] as bigint, root: fromHex((event.args['root'] as string).slice(2)) };
    }
    return null;
  }

  async announcements(to: bigint): Promise<readonly AnnouncedHead[]> {
    return this.#reaching(async () => {
      const event = this.#contract.interface.getEvent('HeadAnchored');
      const logs = await this.#provider.getLogs({
        address: this.#address,
        topics: [event?.topicHash ?? null, this.#logId],
        fromBlock: 0,
        toBlock: to,
      });
      return logs.flatMap((log) => {
        const head = this.#announced([log]);
        const { transactionHash: transaction, blockNumber, blockHash } = log;
        return head === null ? [] : [{ ...head, transaction, blockNumber: BigInt(blockNumber), blockHash }];
      });
    });
  }

  async blockNumber(): Promise<bigint> {
    return this.#reaching(async () => BigInt((await this.#provider.send('eth_blockNumber', [])) as string));
  }

  async block(number: bigint): Promise<{ hash: string; time: Date } | null> {
    return this.#reaching(async () => {
      const block = await this.#provider.getBlock(number);
      return block === null || block.hash === null
        ? null
        : { hash: block.hash, time: new Date(block.timestamp * 1000) };
    });
  }

  async usedNonces(): Promise<bigint> {
    return this.#reaching(async () => BigInt(await this.#provider.getTransactionCount(this.#wallet.address, 'latest')));
  }

  /** Whatever keeps us from knowing is one kind of error; refusals and our own faults pass through. */
  async #reaching<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof AnchorRefusedError) throw error;
      throw new ChainUnreachableError(describe(error), { cause: error });
    }
  }

  close(): void {
    this.#provider.destroy();
  }
}

function describe(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  const message =
    error instanceof Error ? ((error as { shortMessage?: string }).shortMessage ?? error.message) : String(error);
  return `the chain does not answer as expected${typeof code === 'string' ? ` (${code})` : ''}: ${message.slice(0, 300)}`;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

// AnchorRegistry over JSON-RPC: ethers encodes, decodes and signs; what the endpoint answers is read strictly.
import { fromHex, toHex } from '@medanchor/verifier';
import { formatEther, getAddress, Interface, Transaction, Wallet, type TransactionRequest } from 'ethers';
import { LRUCache } from 'lru-cache';
import { type TreeHead } from '../model.ts';
import {
  AnchorRefusedError,
  AnchorRegistry,
  ChainUnreachableError,
  TransactionRefusedError,
  type AnchorCall,
  type AnnouncedHead,
  type ChainView,
  type Fees,
  type Receipt,
  type SignedTransaction,
  type TransactionFacts,
} from './anchor-registry.port.ts';
import { ANCHOR_REGISTRY_ABI } from './anchor-registry.abi.ts';
import { announcedHeads } from './announced-heads.evm.ts';
import { JsonRpcClient, JsonRpcRefusal } from './json-rpc.ts';
import { refusalReason, revertData } from './refusal.rules.ts';
import { ANSWERS, readAnswer, type LogAnswer } from './rpc-answers.ts';

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

/** A contract is there, but it does not speak our interface, or it reverts for an unknown log. */
class NotOurInterfaceError extends Error {}

export class EvmAnchorRegistry extends AnchorRegistry {
  readonly #rpc: JsonRpcClient;
  readonly #wallet: Wallet;
  readonly #abi = new Interface(ANCHOR_REGISTRY_ABI);
  readonly #chainId: bigint;
  readonly #contract: string;
  readonly #logId: string;
  readonly #facts = new LRUCache<string, TransactionFacts>({ max: 256 });

  constructor(options: EvmOptions) {
    super();
    this.#rpc = new JsonRpcClient(options.rpcUrl, options.timeoutMs);
    this.#wallet = new Wallet(`0x${toHex(options.privateKey)}`);
    this.#chainId = options.chainId;
    this.#contract = options.contract;
    this.#logId = `0x${toHex(options.logId)}`;
  }

  get account(): string {
    return this.#wallet.address.toLowerCase();
  }

  async tip(): Promise<{ chainId: bigint; blockNumber: bigint }> {
    return reaching(async () => ({
      chainId: await this.#quantity('eth_chainId', []),
      blockNumber: await this.#quantity('eth_blockNumber', []),
    }));
  }

  async view(): Promise<ChainView> {
    const tip = await this.tip();
    return reaching(async () => {
      const nothing = { ...tip, head: null, registered: false, submitter: false, paused: false };
      const code = await this.#ask('eth_getCode', [this.#contract, 'latest']);
      if (readAnswer('eth_getCode', ANSWERS.data, code) === '0x') return nothing;
      try {
        const [[head], [owner], [submitter], [paused]] = await Promise.all([
          this.#read<[{ root: string; size: bigint }]>('head', [this.#logId]),
          this.#read<[string]>('ownerOf', [this.#logId]),
          this.#read<[boolean]>('isSubmitter', [this.#logId, this.#wallet.address]),
          this.#read<[boolean]>('isPaused', [this.#logId]),
        ]);
        const found = { size: head.size, root: fromHex(head.root.slice(2)) };
        return { ...tip, head: found, registered: owner !== ZERO_ADDRESS, submitter, paused };
      } catch (error) {
        if (error instanceof NotOurInterfaceError) return nothing;
        throw error;
      }
    });
  }

  async #read<T>(name: string, args: readonly unknown[]): Promise<T> {
    const call = { to: this.#contract, data: this.#abi.encodeFunctionData(name, args) };
    let answer: unknown;
    try {
      answer = await this.#ask('eth_call', [call, 'latest']);
    } catch (error) {
      if (error instanceof JsonRpcRefusal && revertData(error.message, error.data) !== null)
        throw new NotOurInterfaceError(name, { cause: error });
      throw error;
    }
    const data = readAnswer('eth_call', ANSWERS.data, answer);
    try {
      return this.#abi.decodeFunctionResult(name, data) as unknown as T;
    } catch (cause) {
      throw new NotOurInterfaceError(name, { cause });
    }
  }

  async suggestedFees(): Promise<Fees> {
    return reaching(async () => {
      const block = await this.#block('latest');
      if (block?.baseFeePerGas === undefined) {
        const price = await this.#quantity('eth_gasPrice', []);
        return { kind: 'legacy', maxFeePerGas: price, maxPriorityFeePerGas: price };
      }
      const tip = await this.#quantity('eth_maxPriorityFeePerGas', []);
      // Six full blocks may raise the base fee, by an eighth each, before it has doubled.
      return { kind: 'eip-1559', maxFeePerGas: 2n * block.baseFeePerGas + tip, maxPriorityFeePerGas: tip };
    });
  }

  async sign(call: AnchorCall, fees: Fees, nonce: bigint | null): Promise<SignedTransaction> {
    const args = [this.#logId, call.size, `0x${toHex(call.root)}`, call.proof.map((hash) => `0x${toHex(hash)}`)];
    const data = this.#abi.encodeFunctionData('anchor', args);
    return reaching(async () => {
      const gasLimit = min(((await this.#estimate(data)) * 3n) / 2n, GAS_LIMIT_CAP);
      await this.#assertFunds(gasLimit * fees.maxFeePerGas);
      const { maxFeePerGas, maxPriorityFeePerGas } = fees;
      const request: TransactionRequest = {
        to: getAddress(this.#contract),
        data,
        chainId: this.#chainId,
        nonce: Number(nonce ?? (await this.#transactionCount(this.account, 'pending'))),
        gasLimit,
        ...(fees.kind === 'legacy'
          ? { type: 0, gasPrice: maxFeePerGas }
          : { type: 2, maxFeePerGas, maxPriorityFeePerGas }),
      };
      const raw = await this.#wallet.signTransaction(request);
      const signed = Transaction.from(raw);
      return { raw, hash: signed.hash as string, nonce: BigInt(signed.nonce) };
    });
  }

  /** On the latest block: in the pending one, an earlier attempt of ours would already be the stored head. */
  async #estimate(data: string): Promise<bigint> {
    try {
      return await this.#quantity('eth_estimateGas', [{ from: this.account, to: this.#contract, data }, 'latest']);
    } catch (error) {
      const reverted = error instanceof JsonRpcRefusal ? revertData(error.message, error.data) : null;
      if (reverted === null) throw error;
      // Below four octets there is no selector to look up.
      const reason = (reverted.length < 10 ? null : this.#abi.parseError(reverted)?.name) ?? 'unknown';
      throw new AnchorRefusedError(reason, `the contract refuses the anchor: ${reason}`, { cause: error });
    }
  }

  async #assertFunds(cost: bigint): Promise<void> {
    const balance = await this.#quantity('eth_getBalance', [this.account, 'latest']);
    if (balance >= cost) return;
    throw new AnchorRefusedError(
      'InsufficientFunds',
      `the account ${this.account} cannot pay for an anchor: it holds ${formatEther(balance)} of the chain's coin`,
    );
  }

  /** Remembered: the sender is recovered from the signature, some 3 ms during which no request is served. */
  factsOf(raw: string): TransactionFacts {
    const known = this.#facts.get(raw);
    if (known !== undefined) return known;
    const facts = this.#readFacts(raw);
    this.#facts.set(raw, facts);
    return facts;
  }

  #readFacts(raw: string): TransactionFacts {
    const { from, nonce, type, gasPrice, maxFeePerGas, maxPriorityFeePerGas } = Transaction.from(raw);
    if (from === null) throw new TypeError('a stored transaction is not signed');
    const price = gasPrice ?? 0n;
    return {
      sender: from.toLowerCase(),
      nonce: BigInt(nonce),
      fees:
        type === 2
          ? { kind: 'eip-1559', maxFeePerGas: maxFeePerGas ?? 0n, maxPriorityFeePerGas: maxPriorityFeePerGas ?? 0n }
          : { kind: 'legacy', maxFeePerGas: price, maxPriorityFeePerGas: price },
    };
  }

  async send({ raw, hash }: SignedTransaction): Promise<void> {
    await reaching(async () => {
      try {
        await this.#ask('eth_sendRawTransaction', [raw]);
      } catch (error) {
        // The node may have it already (a repeated send after a lost answer); its receipt will tell.
        if ((await this.#ask('eth_getTransactionByHash', [hash])) !== null) return;
        if (!(error instanceof JsonRpcRefusal)) throw error;
        throw new TransactionRefusedError(
          refusalReason(error.message),
          `the chain's endpoint refuses the transaction: ${error.message}`,
          { cause: error },
        );
      }
    });
  }

  async receipt(transaction: string): Promise<Receipt | null> {
    return reaching(async () => {
      const method = 'eth_getTransactionReceipt';
      const receipt = readAnswer(method, ANSWERS.receipt, await this.#ask(method, [transaction]));
      if (receipt === null) return null;
      const { transactionHash, blockHash, blockNumber, gasUsed, logs } = receipt;
      const foreign = logs.some((log) => log.transactionHash !== transactionHash || log.blockHash !== blockHash);
      if (transactionHash !== transaction || foreign)
        throw new Error(`the answer to ${method} is of another transaction`);
      return { success: receipt.status === '0x1', blockNumber, blockHash, gasUsed, announced: this.#announced(logs) };
    });
  }

  #announced(logs: readonly LogAnswer[]): TreeHead | null {
    for (const log of logs) {
      if (log.address !== this.#contract) continue;
      const event = this.#abi.parseLog(log);
      if (event?.name !== 'HeadAnchored' || event.args['logId'] !== this.#logId) continue;
      return { size: event.args['size'] as bigint, root: fromHex((event.args['root'] as string).slice(2)) };
    }
    return null;
  }

  async announcements(to: bigint): Promise<readonly AnnouncedHead[]> {
    const ask = (method: string, params: readonly unknown[]): Promise<unknown> => this.#ask(method, params);
    return reaching(() => announcedHeads({ ask, abi: this.#abi, contract: this.#contract, logId: this.#logId }, to));
  }

  async block(number: bigint): Promise<{ hash: string; time: Date } | null> {
    return reaching(async () => {
      const block = await this.#block(`0x${number.toString(16)}`);
      if (block === null) return null;
      if (block.number !== number) throw new Error('the answer to eth_getBlockByNumber is another block');
      return { hash: block.hash, time: new Date(Number(block.timestamp) * 1000) };
    });
  }

  async usedNonces(account: string): Promise<bigint> {
    return reaching(() => this.#transactionCount(account, 'latest'));
  }

  #transactionCount(account: string, tag: 'latest' | 'pending'): Promise<bigint> {
    return this.#quantity('eth_getTransactionCount', [account, tag]);
  }

  async #block(tag: string): ReturnType<typeof ANSWERS.block.parseAsync> {
    const method = 'eth_getBlockByNumber';
    return readAnswer(method, ANSWERS.block, await this.#ask(method, [tag, false]));
  }

  async #quantity(method: string, params: readonly unknown[]): Promise<bigint> {
    return readAnswer(method, ANSWERS.quantity, await this.#ask(method, params));
  }

  #ask(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.#rpc.request({ method, params });
  }
}

/** Whatever keeps us from knowing is one kind of error; refusals pass through. */
async function reaching<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof AnchorRefusedError || error instanceof TransactionRefusedError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new ChainUnreachableError(`the chain does not answer as expected: ${message}`, { cause: error });
  }
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

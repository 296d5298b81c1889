// AnchorRegistry through ethers and plain JSON-RPC.
import { fromHex, toHex } from '@medanchor/verifier';
import { Contract, FetchRequest, isCallException, isError, JsonRpcProvider, Transaction, Wallet, } from 'ethers';
import { AnchorRefusedError, AnchorRegistry, ChainUnreachableError, } from './anchor-registry.port.js';
import { ANCHOR_REGISTRY_ABI } from './anchor-registry.abi.js';
const ZERO_ADDRESS = `0x${'0'.repeat(40)}`;
/** Above the worst measured anchor (test/contracts/gas-snapshot.json); the estimate decides, this only bounds it. */
const GAS_LIMIT_CAP = 500000n;
export class EvmAnchorRegistry extends AnchorRegistry {
    #provider;
    #wallet;
    #contract;
    #address;
    #logId;
    constructor(options) {
        super();
        const request = new FetchRequest(options.rpcUrl);
        request.timeout = options.timeoutMs;
        // ethers would retry a refused connection for minutes; the stage's own timer retries.
        request.setThrottleParams({ maxAttempts: 1 });
        // `staticNetwork: false` and no caching: the chain at the other end can be exchanged under us, and we must notice.
        this.#provider = new JsonRpcProvider(request, undefined, { cacheTimeout: -1, batchMaxCount: 1 });
        this.#wallet = new Wallet(`0x${toHex(options.privateKey)}`, this.#provider);
        this.#address = options.contract;
        this.#contract = new Contract(options.contract, ANCHOR_REGISTRY_ABI, this.#wallet);
        this.#logId = `0x${toHex(options.logId)}`;
    }
    get account() {
        return this.#wallet.address;
    }
    async view() {
        return this.#reaching(async () => {
            const chainId = BigInt((await this.#provider.send('eth_chainId', [])));
            const blockNumber = BigInt((await this.#provider.send('eth_blockNumber', [])));
            const nothing = { chainId, blockNumber, head: null, registered: false, submitter: false, paused: false };
            const code = (await this.#provider.send('eth_getCode', [this.#address, 'latest']));
            if (code === '0x')
                return nothing;
            try {
                const [head, owner, submitter, paused] = await Promise.all([
                    this.#head(),
                    this.#contract.getFunction('ownerOf')(this.#logId),
                    this.#contract.getFunction('isSubmitter')(this.#logId, this.#wallet.address),
                    this.#contract.getFunction('isPaused')(this.#logId),
                ]);
                return { chainId, blockNumber, head, registered: owner !== ZERO_ADDRESS, submitter, paused };
            }
            catch (error) {
                // Some contract is there, but it does not speak our interface (or it reverts for an unknown log).
                if (isCallException(error) || isError(error, 'BAD_DATA'))
                    return nothing;
                throw error;
            }
        });
    }
    async #head() {
        const head = (await this.#contract.getFunction('head')(this.#logId));
        return { size: head.size, root: fromHex(head.root.slice(2)) };
    }
    async sign(call) {
        return this.#reaching(async () => {
            const method = this.#contract.getFunction('anchor');
            const args = [this.#logId, call.size, `0x${toHex(call.root)}`, call.proof.map((hash) => `0x${toHex(hash)}`)];
            try {
                const request = await method.populateTransaction(...args);
                const gas = await this.#provider.estimateGas({ ...request, from: this.#wallet.address });
                const populated = await this.#wallet.populateTransaction({
                    ...request,
                    gasLimit: min((gas * 3n) / 2n, GAS_LIMIT_CAP),
                });
                const raw = await this.#wallet.signTransaction(populated);
                const parsed = Transaction.from(raw);
                return { raw, hash: parsed.hash, nonce: BigInt(parsed.nonce) };
            }
            catch (error) {
                throw this.#refusal(error) ?? error;
            }
        });
    }
    #refusal(error) {
        if (!isCallException(error))
            return null;
        const parsed = error.data === null ? null : this.#contract.interface.parseError(error.data);
        const reason = parsed?.name ?? 'unknown';
        return new AnchorRefusedError(reason, `the contract refuses the anchor: ${reason}`, { cause: error });
    }
    async send(transaction) {
        await this.#reaching(async () => {
            try {
                await this.#provider.send('eth_sendRawTransaction', [transaction.raw]);
            }
            catch (error) {
                // The node may have it already (a repeated send after a lost answer); its receipt will tell.
                if (await this.#knows(transaction.hash))
                    return;
                throw error;
            }
        });
    }
    async #knows(hash) {
        return (await this.#provider.send('eth_getTransactionByHash', [hash])) !== null;
    }
    async receipt(transaction) {
        return this.#reaching(async () => {
            const receipt = await this.#provider.getTransactionReceipt(transaction);
            if (receipt === null)
                return null;
            return {
                success: receipt.status === 1,
                blockNumber: BigInt(receipt.blockNumber),
                blockHash: receipt.blockHash,
                gasUsed: receipt.gasUsed,
                announced: this.#announced(receipt.logs),
            };
        });
    }
    #announced(logs) {
        for (const log of logs) {
            if (log.address.toLowerCase() !== this.#address)
                continue;
            const event = this.#contract.interface.parseLog(log);
            if (event?.name !== 'HeadAnchored' || event.args['logId'] !== this.#logId)
                continue;
            return { size: event.args['size'], root: fromHex(event.args['root'].slice(2)) };
        }
        return null;
    }
    async blockNumber() {
        return this.#reaching(async () => BigInt((await this.#provider.send('eth_blockNumber', []))));
    }
    async block(number) {
        return this.#reaching(async () => {
            const block = await this.#provider.getBlock(number);
            return block === null || block.hash === null
                ? null
                : { hash: block.hash, time: new Date(block.timestamp * 1000) };
        });
    }
    async usedNonces() {
        return this.#reaching(async () => BigInt(await this.#provider.getTransactionCount(this.#wallet.address, 'latest')));
    }
    /** Whatever keeps us from knowing is one kind of error; refusals and our own faults pass through. */
    async #reaching(call) {
        try {
            return await call();
        }
        catch (error) {
            if (error instanceof AnchorRefusedError)
                throw error;
            throw new ChainUnreachableError(describe(error), { cause: error });
        }
    }
    close() {
        this.#provider.destroy();
    }
}
function describe(error) {
    const code = error?.code;
    const message = error instanceof Error ? (error.shortMessage ?? error.message) : String(error);
    return `the chain does not answer as expected${typeof code === 'string' ? ` (${code})` : ''}: ${message.slice(0, 300)}`;
}
function min(a, b) {
    return a < b ? a : b;
}
//# sourceMappingURL=anchor-registry.evm.js.map
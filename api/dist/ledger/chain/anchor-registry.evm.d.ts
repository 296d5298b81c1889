import { AnchorRegistry, type AnchorCall, type ChainView, type Receipt, type SignedTransaction } from './anchor-registry.port.ts';
export interface EvmOptions {
    readonly rpcUrl: string;
    readonly timeoutMs: number;
    readonly contract: string;
    readonly logId: Uint8Array;
    readonly privateKey: Uint8Array;
}
export declare class EvmAnchorRegistry extends AnchorRegistry {
    #private;
    constructor(options: EvmOptions);
    get account(): string;
    view(): Promise<ChainView>;
    sign(call: AnchorCall): Promise<SignedTransaction>;
    send(transaction: SignedTransaction): Promise<void>;
    receipt(transaction: string): Promise<Receipt | null>;
    blockNumber(): Promise<bigint>;
    block(number: bigint): Promise<{
        hash: string;
        time: Date;
    } | null>;
    usedNonces(): Promise<bigint>;
    close(): void;
}

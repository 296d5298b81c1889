/** Injection token of {@link LogIdentity}. */
export declare const LOG_IDENTITY: unique symbol;
/** Who this log is, for everybody who checks it. */
export interface LogIdentity {
    /** Row id, private. */
    readonly id: number;
    readonly origin: string;
    readonly verifierKey: string;
    readonly logId: Uint8Array;
    readonly chainId: bigint;
    readonly contract: string;
}

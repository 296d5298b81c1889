/** Injection token of {@link LogIdentity}. */
export const LOG_IDENTITY = Symbol('LOG_IDENTITY');

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

import { type Pool } from '../../platform/database/pool.ts';
export interface RegisteredLog {
    readonly id: number;
    readonly verifierKey: string;
}
/** The log was started with another checkpoint key; signing on with this one would split its history in two. */
export declare class LogKeyMismatchError extends Error {
    readonly name = "LogKeyMismatchError";
}
/** Idempotent; two processes may call it at once. */
export declare function registerLog(pool: Pool, origin: string, verifierKey: string): Promise<RegisteredLog>;

import { Readable } from 'node:stream';
/** @returns null when there is no body */
export declare function readBody(body: unknown, limit: number): Promise<Uint8Array | null>;
export declare function requireBody(body: unknown, limit: number): Promise<Uint8Array>;
/** The stream of a line format. @throws {DomainError} `media-type-unsupported` */
export declare function requireLines(body: unknown, contentType: string | undefined, allowed: readonly string[]): Readable;

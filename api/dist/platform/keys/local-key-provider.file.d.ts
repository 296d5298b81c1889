import { KeyProvider, type UnwrapRequest, type WrapRequest } from './key-provider.port.ts';
export declare class LocalKeyProvider extends KeyProvider {
    #private;
    constructor(kek: Uint8Array);
    wrap(keys: readonly WrapRequest[]): Promise<readonly Uint8Array[]>;
    unwrap(requests: readonly UnwrapRequest[]): Promise<readonly Uint8Array[]>;
}

import { type Eip1193Provider } from '@medanchor/verifier';
export declare class JsonRpcClient implements Eip1193Provider {
    #private;
    constructor(url: string, timeoutMs: number);
    request({ method, params }: {
        method: string;
        params?: readonly unknown[];
    }): Promise<unknown>;
}

export class JsonRpcClient {
    #url;
    #timeoutMs;
    #id = 0;
    constructor(url, timeoutMs) {
        this.#url = url;
        this.#timeoutMs = timeoutMs;
    }
    async request({ method, params }) {
        this.#id += 1;
        const response = await fetch(this.#url, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ jsonrpc: '2.0', id: this.#id, method, params: params ?? [] }),
            signal: AbortSignal.timeout(this.#timeoutMs),
        });
        const answer = (await response.json());
        if (answer === null || typeof answer !== 'object' || answer.error !== undefined || !('result' in answer)) {
            throw new Error(`${method} was refused by the chain's endpoint (HTTP ${response.status})`);
        }
        return answer.result;
    }
}
//# sourceMappingURL=json-rpc.js.map
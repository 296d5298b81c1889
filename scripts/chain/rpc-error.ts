// JSON-RPC errors of the local chain, and how an error of Hardhat's node is passed on.

export class RpcError extends Error {
  override name = 'RpcError';
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface RpcErrorBody {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** Keeps code, message and revert data, so that clients decode a revert as they do on any other chain. */
export function toRpcErrorBody(error: unknown): RpcErrorBody {
  if (!(error instanceof Error)) return { code: -32603, message: 'internal error' };
  const code: unknown = Reflect.get(error, 'code');
  const data: unknown = Reflect.get(error, 'data');
  const body = { code: typeof code === 'number' ? code : -32603, message: error.message };
  return data === undefined ? body : { ...body, data: revertData(data) };
}

// Hardhat wraps the revert data as {message, txHash, data}; other nodes send the bare hex text, which clients expect.
function revertData(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data;
  const inner: unknown = Reflect.get(data, 'data');
  return typeof inner === 'string' ? inner : data;
}

// Which JSON-RPC methods the local chain answers. Whatever could change its state other than by a signed raw
// transaction is refused, since the journal would not know of it and the next replay would give another chain.

const READS = /^(eth|net|web3)_/;
const TRACES = /^debug_trace(Transaction|Call|BlockByNumber|BlockByHash)$/;
// Signing with the node's well-known accounts, mining, and filters that need a lasting connection.
const REFUSED_ETH = /^eth_(send(?!RawTransaction$)|sign|subscribe|unsubscribe|submit|coinbase|mining)/;

export type Verdict = 'read' | 'send-raw' | 'admin';

/** `admin`: allowed only on a chain for tests. A method that this list does not know is `admin` too. */
export function classifyMethod(method: string): Verdict {
  if (method === 'eth_sendRawTransaction') return 'send-raw';
  if (method === 'hardhat_metadata' || TRACES.test(method)) return 'read';
  return READS.test(method) && !REFUSED_ETH.test(method) ? 'read' : 'admin';
}

export function refusalOf(method: string): string {
  return (
    `${method} is refused by this local chain: it could change the chain without a signed raw transaction, and only ` +
    `raw transactions are kept in the journal that rebuilds the chain after a restart`
  );
}

import { parseBundle, verifyBundle, type Eip1193Provider } from '@medanchor/verifier';

/** Your own node. Any EIP-1193 provider will do: a wallet, ethers, a few lines of fetch. */
function nodeAt(url: string): Eip1193Provider {
  return {
    async request({ method, params = [] }) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      return ((await response.json()) as { result: unknown }).result;
    },
  };
}

export async function explain(bundle: Uint8Array, content: Uint8Array, node: string, contract: string) {
  const report = await verifyBundle(parseBundle(bundle), {
    content,
    // Yours, never the bundle's. Keys of the log would stand in logKeys.
    trust: { contract, chainId: 31337n, confirmations: 1 },
    identity: { source: 'lab', recordId: 'Observation/potassium' },
    chain: nodeAt(node),
  });
  const failed = report.checks.filter((check) => check.result === 'failed').map((check) => check.code);
  return { outcome: report.outcome, verdict: report.verdict, flags: report.flags, failed };
}

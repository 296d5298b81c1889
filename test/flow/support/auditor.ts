// An auditor who trusts nobody: the verifier library, a JSON-RPC endpoint and a contract address. Nothing of the service.

import {
  parseBundle,
  verifyBundle,
  type Eip1193Provider,
  type Trust,
  type VerificationReport,
} from '@medanchor/verifier';
import type { TestChain } from '../../support/chain.ts';
import type { Verdict, Version } from './record-system.ts';

/** The shortest JSON-RPC client there is. */
export function rpcProvider(url: string): Eip1193Provider {
  return {
    async request({ method, params }) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: params ?? [] }),
      });
      const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
      if (answer.error !== undefined) throw new Error(answer.error.message);
      return answer.result;
    },
  };
}

export class Auditor {
  readonly #trust: Trust;
  readonly #chain: Eip1193Provider;

  constructor(chain: Pick<TestChain, 'url' | 'chainId' | 'contract'>, logKeys: readonly string[] = []) {
    this.#trust = { contract: chain.contract, chainId: BigInt(chain.chainId), confirmations: 1, logKeys };
    this.#chain = rpcProvider(chain.url);
  }

  async audit(bundle: string, version?: Version): Promise<VerificationReport> {
    return verifyBundle(parseBundle(bundle), {
      trust: this.#trust,
      chain: this.#chain,
      ...(version === undefined
        ? {}
        : {
            content: Buffer.from(version.content),
            mediaType: version.mediaType,
            identity: { source: version.source, recordId: version.recordId, versionId: version.versionId },
          }),
    });
  }
}

/** Name and code of every check that failed, in order: what a test expects literally. */
export function failures(report: Pick<VerificationReport | Verdict, 'checks'>): readonly string[] {
  return report.checks.filter(({ result }) => result === 'failed').map(({ name, code }) => `${name}: ${code ?? ''}`);
}

/** `passed`, or the code of a check that did not. */
export function resultOf(report: Pick<VerificationReport | Verdict, 'checks'>, name: string): string {
  const check = report.checks.find((one) => one.name === name);
  return check === undefined ? 'absent' : check.result === 'passed' ? 'passed' : `${check.result}: ${check.code ?? ''}`;
}

// What a result does not show, and what it rests on: said with every result, because a reader takes "intact" for more than it
// is. Pure; changes no verdict.

import type { BundleAnchor, VerificationReport } from '../src/index.ts';
import type { Arguments } from './args.ts';

/** Chain ids that development nodes use. Whoever runs such a chain can write its blocks anew, with any time in them. */
const DEVELOPMENT_CHAINS = new Set([1337n, 31337n]);

export function cautionsFor(
  args: Pick<Arguments, 'rpc' | 'trust' | 'identity' | 'content'>,
  report: VerificationReport,
  anchor: BundleAnchor | null,
): string[] {
  const cautions: string[] = [];
  const add = (when: boolean, text: string): void => void (when && cautions.push(text));
  const skipped = (name: string): boolean => report.checks.some((one) => one.name === name && one.result === 'skipped');

  add(args.content === null, 'No content was given; only the proof was checked.');
  add(
    args.rpc === null,
    'The chain was not asked (--offline): whoever signed the checkpoint could have signed another history for somebody else.',
  );
  add(
    report.checks.some(({ code }) => code === 'ANCHOR_TRANSACTION_UNKNOWN'),
    'An endpoint that lags behind, or has dropped old transactions, gives this answer too: ask another one before accusing anybody.',
  );
  add(
    anchor !== null && DEVELOPMENT_CHAINS.has(anchor.chainId),
    `Chain ${anchor?.chainId} is a local development chain: whoever runs it can rewrite it.`,
  );
  add(
    anchor !== null && args.trust.chainId === undefined,
    'The chain is the one that bundle and endpoint agree on; --chain-id insists on yours.',
  );
  add(
    args.rpc?.protocol === 'http:' && !isLoopback(args.rpc.hostname),
    'The endpoint was asked over http: whoever sits in between could have answered in its place.',
  );
  add(
    report.subject.identity !== undefined && Object.keys(args.identity).length === 0,
    'No record was named (--source, --record, --version-id): see for yourself that this is the one you mean.',
  );
  add(skipped('latest'), 'A bundle cannot tell whether a newer version exists; the ledger can.');
  add(
    report.outcome !== 'altered',
    'Nothing here says that the record was true when it was written, only that it has not changed since.',
  );
  return cautions;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

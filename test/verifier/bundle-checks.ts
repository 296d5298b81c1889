// The valid bundle with everything that can be checked, the results by name, and ways to change one thing in it.

import {
  formatTlogProof,
  parseTlogProof,
  verifyBundle,
  type Bundle,
  type BundleAnchor,
  type BundleComponent,
  type CheckName,
  type ComponentName,
  type Disclosure,
  type Opening,
  type VerificationReport,
  type VerifyOptions,
} from '@medanchor/verifier';
import { bundle, content, honestAnswers, identity, nodeWith, trust } from './bundle-fixture.ts';

export const honest = nodeWith(honestAnswers());
export const all: VerifyOptions = { trust, content, identity, chain: honest };
export const opening = bundle.opening as Opening;
export const anchor = bundle.anchor as BundleAnchor;
export const disclosed = bundle.disclosed as Disclosure;

export const verify = (given: Bundle = bundle, options: Partial<VerifyOptions> = {}): Promise<VerificationReport> =>
  verifyBundle(given, { ...all, ...options });

export function checkOf(report: VerificationReport, name: CheckName): string {
  const check = report.checks.find((candidate) => candidate.name === name);
  return check?.code === undefined ? `${check?.result}` : `${check.result} ${check.code}`;
}

export const results = (report: VerificationReport): Record<string, string> =>
  Object.fromEntries(report.checks.map(({ name }) => [name, checkOf(report, name)]));

export const withProof = (change: Partial<ReturnType<typeof parseTlogProof>>): Bundle => ({
  ...bundle,
  proof: formatTlogProof({ ...parseTlogProof(bundle.proof), ...change }),
});
export const proof = parseTlogProof(bundle.proof);
export const withOpening = (change: Partial<Opening>): Bundle => ({ ...bundle, opening: { ...opening, ...change } });
export const withComponent = (name: ComponentName, change: Partial<BundleComponent>): Bundle =>
  withOpening({ components: opening.components.map((c) => (c.name === name ? { ...c, ...change } : c)) });
export const withAnchor = (change: Partial<BundleAnchor>): Bundle => ({ ...bundle, anchor: { ...anchor, ...change } });
export const withDisclosed = (change: Partial<Disclosure>): Bundle => ({
  ...bundle,
  disclosed: { ...disclosed, ...change },
});
export const withField = (change: Partial<Disclosure['fields'][number]>): Bundle =>
  withDisclosed({
    fields: disclosed.fields.with(0, { ...(disclosed.fields[0] as Disclosure['fields'][number]), ...change }),
  });
export const zero = new Uint8Array(32);
export const { submitterKey: _anonymous, ...anonymousSubmitter } = bundle;

// The green path: every resource of a real Synthea R4 transaction bundle goes in, many are amended later, everything is
// anchored on a real chain, and every version verifies: by the API, and by an auditor who has only bundles, an RPC
// endpoint and a contract address.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Auditor, failures, resultOf } from './support/auditor.ts';
import { runVerifier } from './support/cli.ts';
import type { Version } from './support/record-system.ts';
import { eventually, Site, type RunningService } from './support/site.ts';
import { amended, lunasResources, oneDigitChanged, versionOf } from './support/synthea.ts';

const FIRST = 223;
const AMENDED = 112;

let site: Site;
let service: RunningService;
let auditor: Auditor;
const firsts = lunasResources().map((resource) => versionOf(resource, '1'));
const seconds = lunasResources()
  .map(amended)
  .filter((resource) => resource !== null)
  .map((resource) => versionOf(resource, '2'));
const all: readonly Version[] = [...firsts, ...seconds];
const bundles = new Map<Version, string>();

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  auditor = new Auditor(site.chain, [(await service.api.log()).verifierKey]);
}, 60_000);

afterAll(async () => {
  await site.close();
});

describe('a Synthea patient goes through the whole flow', () => {
  test('223 resources arrive as one Bulk Data stream, 112 of them change later, one of these in a request of its own', async () => {
    const stream = await service.api.submitResources(
      'ehr',
      '1',
      firsts.map(({ content }) => content),
    );
    expect(stream.map(({ status }) => status)).toEqual(new Array(FIRST).fill(201));
    const [single, ...many] = seconds;
    const answer = await service.api.submit(single as Version);
    expect(answer.status).toBe(201);
    expect(answer.body.seq).toBe('2');
    const batch = await service.api.submitMany(many);
    expect(batch.map(({ status }) => status)).toEqual(new Array(AMENDED - 1).fill(201));
  }, 60_000);

  test('a delivery repeated after a lost answer makes no second entry', async () => {
    const again = await service.api.submitMany(firsts.slice(0, 20));
    expect(again.map(({ status }) => status)).toEqual(new Array(20).fill(200));
    expect((await service.api.log()).sizes.sequenced).toBe('335');
  });

  test('all 335 versions are anchored and confirmed', async () => {
    const { sizes } = await eventually(
      'confirmation',
      () => service.api.log(),
      (log) => log.sizes.confirmed === '335',
    );
    expect(sizes).toEqual({
      sequenced: '335',
      integrated: '335',
      checkpointed: '335',
      anchored: '335',
      confirmed: '335',
    });
  }, 30_000);

  test('the API calls every version identical and intact; the amended ones are superseded', async () => {
    const verdicts = await service.api.verifyMany(all);
    expect(verdicts).toHaveLength(335);
    for (const { verdict, outcome, checks } of verdicts) {
      expect([verdict, outcome]).toEqual(['identical', 'intact']);
      expect(failures({ checks })).toEqual([]);
    }
    expect(verdicts.filter(({ flags }) => flags.includes('superseded'))).toHaveLength(AMENDED);
  }, 60_000);

  test('the auditor calls every bundle identical, intact and confirmed on chain', async () => {
    for (const version of all) {
      const bundle = await service.api.bundle(version);
      bundles.set(version, bundle);
      const report = await auditor.audit(bundle, version);
      expect([report.verdict, report.outcome, report.status]).toEqual(['identical', 'intact', 'confirmed']);
      for (const name of ['commitment', 'identity', 'content', 'inclusion', 'checkpoint-signature', 'anchor']) {
        expect(resultOf(report, name)).toBe('passed');
      }
    }
  }, 120_000);

  test('one changed digit in any of them is altered, for the API and for the auditor', async () => {
    const changed = all.map(oneDigitChanged);
    const verdicts = await service.api.verifyMany(changed);
    expect(verdicts.map(({ verdict, outcome }) => `${verdict} ${outcome}`)).toEqual(
      new Array(335).fill('altered altered'),
    );
    for (const [position, version] of changed.entries()) {
      const report = await auditor.audit(bundles.get(all[position] as Version) ?? '', version);
      expect(report.outcome).toBe('altered');
      expect(failures(report)).toEqual(['content: CONTENT_ALTERED']);
    }
  }, 120_000);

  test('the auditor’s command ends with 0 for a first and an amended version of each kind, with 1 for a changed digit', async () => {
    const { contract, url, chainId } = site.chain;
    const { verifierKey } = await service.api.log();
    const kinds = new Map(all.map((version) => [version.recordId.split('/')[0], version]));
    const sample = [...kinds.values(), ...firsts.slice(0, 2)];
    expect(sample).toHaveLength(15);
    for (const version of sample) {
      const bundle = bundles.get(version) ?? '';
      const { source, recordId, versionId } = version;
      const args = ['--rpc', url, '--contract', contract, '--chain-id', chainId, '--log-key', verifierKey];
      const named = [...args, '--source', source, '--record', recordId, '--version-id', versionId];
      expect(runVerifier(bundle, version.content, named)).toMatchObject({ code: 0 });
      expect(runVerifier(bundle, oneDigitChanged(version).content, named)).toMatchObject({ code: 1 });
    }
  }, 120_000);

  test('each bundle stays the same for ever, also when the log has grown', async () => {
    const last = versionOf({ resourceType: 'Basic', id: 'later' }, '1');
    expect((await service.api.submit(last, 'confirmed')).body.state).toBe('confirmed');
    for (const version of [firsts[0], firsts[222], seconds[0]] as Version[]) {
      expect(await service.api.bundle(version)).toBe(bundles.get(version));
    }
  }, 30_000);

  test('a bundle speaks of its own version only: handed over as another record’s, it fails', async () => {
    const [one, other] = firsts as [Version, Version];
    const report = await auditor.audit(bundles.get(one) ?? '', { ...one, recordId: other.recordId });
    expect(failures(report)).toEqual(['identity: IDENTITY_MISMATCH']);
    expect(report.outcome).toBe('altered');
  });
});

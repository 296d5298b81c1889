// Minutes of random faults under load: `npm run test:soak -- --minutes 10`. The seed is printed; the same seed draws the same
// faults in the same order, though not at the same instants. Ends with a sweep, a summary and an exit code.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Cluster } from '../fault/support/cluster.ts';
import { ChainLine } from '../fault/support/chain-line.ts';
import { Load, random } from '../fault/support/load.ts';
import { expectRecovery } from '../fault/support/recovery.ts';
import { Witness } from '../fault/support/witness.ts';
import { eventually, Site } from '../flow/support/site.ts';
import { FAULTS, Stage } from './faults.ts';

const SEED = Number(process.env['SOAK_SEED'] ?? '1');
const MINUTES = Number(process.env['SOAK_MINUTES'] ?? '1');

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

let cluster: Cluster;
let site: Site;
let line: ChainLine;
let stage: Stage;
const witness = new Witness();

beforeAll(async () => {
  cluster = await Cluster.open();
  site = await Site.open(() => Promise.resolve(cluster.database));
  line = await ChainLine.to(site.chain.url);
  stage = new Stage(site, cluster, line, random(SEED));
  await Promise.all([stage.start(0), stage.start(1)]);
}, 120_000);

afterAll(async () => {
  await Promise.all([stage.end(0, 'kill'), stage.end(1, 'kill')]);
  await site.close();
  await line.sever();
}, 60_000);

test(
  `${MINUTES} minutes of faults with seed ${SEED}`,
  async () => {
    const deadline = Date.now() + MINUTES * 60_000;
    const services = (): readonly (typeof stage.running)[number]['api'][] => stage.running.map(({ api }) => api);
    const load = new Load(witness, { name: 'soak', clients: 4, seed: SEED, pauseMs: 20, services });
    let looked = 0;
    const unwatch = witness.watch(() => {
      looked += 1;
      const all = services();
      return all[looked % Math.max(all.length, 1)] ?? NOBODY;
    }, 50);
    let faults = 0;
    while (Date.now() < deadline) {
      const before = Date.now();
      const what = await stage.any(FAULTS)(stage);
      faults += 1;
      const { size } = witness.receipts;
      await eventually(
        `new receipts after: ${what}`,
        () => Promise.resolve(witness.receipts.size),
        (now) => now > size,
        60_000,
      );
      say(`${String(faults).padStart(4)}  ${String(Date.now() - before).padStart(6)} ms  ${what}`);
      await stage.moment(0, 1000);
    }
    await load.stop();
    await unwatch();
    const [survivor] = services();
    if (survivor === undefined) throw new Error('no instance runs');
    await expectRecovery(site, survivor, witness, 'soak');
    const alarms = await survivor.alarms();
    expect(alarms.filter(({ kind }) => kind !== 'anchor-lost')).toEqual([]);
    const [{ anchors } = { anchors: 0 }] = await site.read<{ anchors: number }>(
      "SELECT count(*)::int AS anchors FROM anchor WHERE state = 'confirmed'",
    );
    const statuses = [...load.statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
    say(
      `seed ${SEED}: ${faults} faults, ${witness.receipts.size} versions acknowledged, ${witness.notes.size} checkpoints seen, ` +
        `${anchors} anchors confirmed, ${alarms.length} alarms (anchor-lost), answers ${statuses.join(', ')}`,
    );
  },
  MINUTES * 60_000 + 300_000,
);

/** While no instance runs, nothing is shown. */
const NOBODY = { text: () => Promise.reject(new Error('no instance runs')) } as unknown as Parameters<
  typeof expectRecovery
>[1];

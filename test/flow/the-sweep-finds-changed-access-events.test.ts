// The access log after somebody with the database owner's rights was at work. Events 1 to 10 of one tenant are committed to by the
// log in two batches (1–4 and 5–8), the last two in none; another tenant has three, in one batch.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accessEventHash, accessGenesis } from '@medanchor/verifier';
import { AccessAnchorService } from '../../api/src/access-log/access-anchor.service.ts';
import { AccessLog } from '../../api/src/platform/auth/access-log.port.ts';
import { accessEvent, OTHER_TENANT, TENANT } from '../support/access-events.ts';
import { observation } from './support/records.ts';
import { eventually, Site } from './support/site.ts';
import { named, openFsck, sweepAfter, type Damage } from './support/sweep.ts';

let site: Site;
let events: readonly { seq: string; event: string; hash: Buffer }[];
let anchors: readonly { id: string; index: string }[];

beforeAll(async () => {
  site = await Site.open();
  const service = await site.start();
  await service.api.submit(observation('a', '1', '4.10'));
  const [log, anchoring] = [service.app.get(AccessLog), service.app.get(AccessAnchorService)];
  const record = async (count: number, tenantId: string): Promise<void> => {
    for (let at = 0; at < count; at += 1) await log.record(accessEvent({ tenantId, requestId: `r${at}` }));
  };
  await record(4, TENANT);
  await anchoring.run();
  await record(4, TENANT);
  await record(3, OTHER_TENANT);
  await anchoring.run();
  await anchoring.run();
  await record(2, TENANT);
  await eventually(
    'confirmation',
    () => service.api.log(),
    ({ sizes }) => sizes.confirmed === '5',
  );
  await service.stop();
  events = await site.read(
    'SELECT seq::text, event, hash FROM access_event WHERE chain = $1 ORDER BY access_event.seq',
    [TENANT],
  );
  anchors = await site.read(
    'SELECT id, log_index::text AS index FROM access_anchor WHERE chain = $1 ORDER BY first_seq',
    [TENANT],
  );
  expect([events.length, anchors.length]).toEqual([10, 2]);
}, 60_000);

afterAll(async () => {
  await site.close();
});

const at = (seq: number): string => `WHERE chain = '${TENANT}' AND seq = ${seq}`;
const place = (seq: number): string => `chain=${TENANT} seq=${seq} table=access_event`;

/** Statements that write events from `from` on anew, each with the hash that follows, as somebody would who knows the format. */
function rewritten(from: number, change: (event: string) => string): Damage[] {
  let previous: Uint8Array = from === 1 ? accessGenesis(TENANT) : (events[from - 2]?.hash as Buffer);
  return events.slice(from - 1).map(({ seq, event }, position): Damage => {
    const text = position === 0 ? change(event) : event;
    const hash = accessEventHash(previous, text);
    const damage: Damage = [
      `UPDATE access_event SET event = $1, previous_hash = $2, hash = $3 ${at(Number(seq))}`,
      text,
      Buffer.from(previous),
      Buffer.from(hash),
    ];
    previous = hash;
    return damage;
  });
}

const hidden = (event: string): string => event.replace('"subject":"ehr-1"', '"subject":"ehr-2"');
const headOf = (statements: readonly Damage[]): Damage => {
  const hash = (statements.at(-1) as readonly unknown[])[3];
  return [`UPDATE access_head SET hash = $1 WHERE chain = '${TENANT}'`, hash];
};

test('an honest access log: nothing is found', async () => {
  const { fsck, close } = await openFsck(site);
  try {
    const report = await fsck.sweep({ mode: 'full' });
    expect(named(report)).toEqual([]);
    expect(report.checks.find(({ name }) => name === 'access-log')).toEqual({
      name: 'access-log',
      result: 'passed',
      reason: '',
    });
    expect(named(await fsck.sweep({ mode: 'incremental' }))).toEqual([]);
  } finally {
    await close();
  }
}, 20_000);

test.each<[string, () => readonly Damage[], () => readonly string[]]>([
  [
    'an event says something else: that event',
    () => [[`UPDATE access_event SET event = $1 ${at(3)}`, hidden(events[2]?.event ?? '')]],
    () => [`access-event-changed ${place(3).replace('seq', 'field=event seq')}`],
  ],
  [
    'the last event says something else',
    () => [[`UPDATE access_event SET event = $1 ${at(10)}`, hidden(events[9]?.event ?? '')]],
    () => [`access-event-changed ${place(10).replace('seq', 'field=event seq')}`],
  ],
  [
    'the hash of an event is another: that column',
    () => [`UPDATE access_event SET hash = sha256('x') ${at(6)}`],
    () => [`access-event-changed ${place(6).replace('seq', 'field=hash seq')}`],
  ],
  [
    'the hash of the last event of a batch is another: that column, and not the batch',
    () => [`UPDATE access_event SET hash = sha256('x') ${at(4)}`],
    () => [`access-event-changed ${place(4).replace('seq', 'field=hash seq')}`],
  ],
  [
    'the hash before an event is another: that column',
    () => [`UPDATE access_event SET previous_hash = sha256('x') ${at(6)}`],
    () => [`access-event-changed ${place(6).replace('seq', 'field=previous_hash seq')}`],
  ],
  [
    'an event seems to be of another time',
    () => [`UPDATE access_event SET "time" = '2020-01-01T00:00:00.000Z' ${at(6)}`],
    () => [`access-event-changed ${place(6).replace('seq', 'field=time seq')}`],
  ],
  [
    'an event was removed',
    () => [`DELETE FROM access_event ${at(6)}`],
    () => [`access-events-missing chain=${TENANT} from=6 table=access_event to=7`],
  ],
  [
    'the first events were removed',
    () => [`DELETE FROM access_event WHERE chain = '${TENANT}' AND seq < 3`],
    () => [`access-events-missing chain=${TENANT} from=1 table=access_event to=3`],
  ],
  [
    'the tail was cut off: the head knows better',
    () => [`DELETE FROM access_event WHERE chain = '${TENANT}' AND seq > 8`],
    () => [`access-events-missing chain=${TENANT} from=9 table=access_event to=11`],
  ],
  [
    'the tail was cut off and the head set back: the log knows better',
    () => [
      `DELETE FROM access_event WHERE chain = '${TENANT}' AND seq > 6`,
      [`UPDATE access_head SET seq = 6, hash = $1 WHERE chain = '${TENANT}'`, events[5]?.hash],
    ],
    () => [`access-events-missing chain=${TENANT} from=7 table=access_event to=9`],
  ],
  [
    'all of a tenant’s events are gone, with the head',
    () => [
      `DELETE FROM access_event WHERE chain = '${OTHER_TENANT}'`,
      `DELETE FROM access_head WHERE chain = '${OTHER_TENANT}'`,
    ],
    () => [
      `access-events-missing chain=${OTHER_TENANT} from=1 table=access_event to=4`,
      `access-head-wrong chain=${OTHER_TENANT} table=access_head`,
    ],
  ],
  [
    'an event was put in beyond the head',
    () => [`INSERT INTO access_event SELECT chain, 11, "time", event, hash, sha256('x') FROM access_event ${at(10)}`],
    () => [
      `access-event-changed ${place(11).replace('seq', 'field=event seq')}`,
      `access-event-unexpected ${place(11)}`,
      `access-head-wrong chain=${TENANT} field=seq table=access_head`,
    ],
  ],
  [
    'an event was put in the place of another, with a hash of its own',
    () => rewritten(6, hidden).slice(0, 1),
    () => [`access-chain-broken ${place(7)}`],
  ],
  [
    'the head says something else',
    () => [`UPDATE access_head SET hash = sha256('x') WHERE chain = '${TENANT}'`],
    () => [`access-head-wrong chain=${TENANT} field=hash table=access_head`],
  ],
  [
    'the whole chain is rewritten from an event on, with every hash and the head: only the log can tell',
    () => {
      const statements = rewritten(3, hidden);
      return [...statements, headOf(statements)];
    },
    () => [`access-chain-rewritten ${place(4)}`, `access-chain-rewritten ${place(8)}`],
  ],
  [
    'what no batch covers yet is rewritten with the head: nobody can tell',
    () => {
      const statements = rewritten(9, hidden);
      return [...statements, headOf(statements)];
    },
    () => [],
  ],
  [
    'the chain is rewritten and the batches made to fit: they do not open what the log holds',
    () => {
      const statements = rewritten(3, hidden);
      const hash = (position: number): unknown => (statements[position] as readonly unknown[])[3];
      return [
        ...statements,
        headOf(statements),
        [`UPDATE access_anchor SET head = $1 WHERE id = '${anchors[0]?.id}'`, hash(1)],
        [`UPDATE access_anchor SET head = $1 WHERE id = '${anchors[1]?.id}'`, hash(5)],
      ];
    },
    () => anchors.map(({ id }) => `access-anchor-changed anchor=${id} chain=${TENANT} table=access_anchor`),
  ],
  [
    'the chain is rewritten and the batches removed: the log commits to what nothing opens',
    () => {
      const statements = rewritten(3, hidden);
      return [...statements, headOf(statements), `DELETE FROM access_anchor WHERE chain = '${TENANT}'`];
    },
    () => anchors.map(({ index }) => `access-anchor-missing index=${index} table=access_anchor`),
  ],
  [
    'one batch is removed',
    () => [`DELETE FROM access_anchor WHERE id = '${anchors[0]?.id}'`],
    () => [
      `access-anchor-missing chain=${TENANT} from=1 table=access_anchor to=5`,
      `access-anchor-missing index=${anchors[0]?.index} table=access_anchor`,
    ],
  ],
])(
  '%s',
  async (_what, damage, expected) => {
    expect(named(await sweepAfter(site, damage()))).toEqual([...expected()].sort());
  },
  20_000,
);

describe('an incremental sweep', () => {
  test('reads what came after the last clean one, and finds what was changed in it', async () => {
    const { fsck, close } = await openFsck(site);
    try {
      expect(named(await fsck.sweep({ mode: 'full', anew: true }))).toEqual([]);
      await site.tamper(`UPDATE access_event SET event = $1 ${at(9)}`, [hidden(events[8]?.event ?? '')]);
      const found = [`access-event-changed ${place(9).replace('seq', 'field=event seq')}`];
      expect(named(await fsck.sweep({ mode: 'incremental' }))).toEqual(found);
      // What lies before the newest batch of that time is the next full sweep's.
      await site.tamper(`UPDATE access_event SET event = $1 ${at(3)}`, [hidden(events[2]?.event ?? '')]);
      expect(named(await fsck.sweep({ mode: 'incremental' }))).toEqual(found);
      expect(named(await fsck.sweep({ mode: 'full', anew: true }))).toHaveLength(2);
    } finally {
      await close();
    }
  }, 20_000);
});

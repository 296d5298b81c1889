// Two logs in one database, one of them registered in the contract: a backup holds both, and a restore proves each as far as
// it can be proved.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verifyContainer } from '../../api/src/backup/container-reader.ts';
import { observation } from '../flow/support/records.ts';
import { contentOf, record, Ward } from './support/ward.ts';

const OTHER = 'test.medanchor.local/log/2';
let ward: Ward;

beforeAll(async () => {
  ward = await Ward.open();
  const one = await ward.site.start();
  await record(one, 'one', 3);
  await one.stop();
  const other = await ward.site.start({ LOG_ORIGIN: OTHER, CHECKPOINT_KEY_FILE: ward.site.newKey('other.key') });
  await other.api.submit(observation('two', '1', '5.00'), 'checkpointed');
  await other.stop();
}, 60_000);

afterAll(async () => ward.close());

test('both are in the backup and in the database that is restored from it; the one without anchors is unproven: exit 3', async () => {
  const { ending, file } = await ward.backup('both');
  expect(ending.code).toBe(0);
  const { logs } = await verifyContainer(file);
  expect(logs.map(({ origin, sequenced }) => [origin, sequenced])).toEqual([
    ['test.medanchor.local/log/1', '3'],
    [OTHER, '1'],
  ]);
  const { code, output, databaseUrl } = await ward.restoreHere(file);
  expect(code).toBe(3);
  expect(output).toMatch(
    /log {8}test\.medanchor\.local\/log\/1\n {2}entries {4}3,[^]*chain {6}complete: .*holds size 3/,
  );
  expect(output).toMatch(/log {8}test\.medanchor\.local\/log\/2\n {2}entries {4}1,[^]*chain {6}unproven: /);
  expect(await contentOf(databaseUrl)).toEqual(await contentOf(ward.site.database.url));
}, 60_000);

// Whole histories in one stream, of a source that the service has never met: each record's versions get their numbers in
// the order of their lines, so the last line is the latest version.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DomainError } from '../../api/src/platform/errors/domain-error.ts';
import { RecordTurns } from '../../api/src/records/record-turns.ts';
import { observation } from './support/records.ts';
import { Site, type RunningService } from './support/site.ts';

let site: Site;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  // Small batches, so that the lines of one record fall into many of them.
  service = await site.start({ SEQUENCER_BATCH_SIZE: '2', SEQUENCER_MAX_WAIT_MS: '0' });
}, 60_000);

afterAll(async () => {
  await site.close();
});

describe('a stream of histories', () => {
  test('30 versions of each of 5 records, interleaved', async () => {
    const ids = Array.from({ length: 30 }, (_, at) => String(at + 1));
    const records = ['a', 'b', 'c', 'd', 'e'];
    const lines = ids.flatMap((versionId) => records.map((record) => observation(record, versionId, `4.${versionId}`)));
    const answers = await service.api.submitMany(lines);
    expect(answers.map(({ line, status }) => [line, status])).toEqual(lines.map((_, at) => [at + 1, 201]));
    for (const record of records) {
      const { body } = await service.api.history(observation(record, '1', '4.1'));
      expect(body.versions.map(({ versionId }) => versionId)).toEqual(ids);
    }
  });

  test('a version that is refused does not hold up the next one', async () => {
    const rewritten = { ...observation('a', '1', '9.9') };
    const answers = await service.api.submitMany([rewritten, observation('a', '31', '4.31')]);
    expect(answers.map(({ status, receipt, problem }) => [status, problem?.code ?? receipt?.seq])).toEqual([
      [409, 'history-rewritten'],
      [201, '31'],
    ]);
  });
});

describe('the turns of a record', () => {
  const later = (order: string[], name: string, milliseconds: number) => async (): Promise<void> => {
    await delay(milliseconds);
    order.push(name);
  };

  test('a later line waits for an earlier one of its record, and for no other', async () => {
    const turns = new RecordTurns();
    const order: string[] = [];
    await Promise.all([
      turns.take('ehr', 'a', later(order, 'a1', 40)),
      turns.take('ehr', 'a', later(order, 'a2', 0)),
      turns.take('lab', 'a', later(order, 'other source', 0)),
      turns.take('ehr', 'b', later(order, 'b1', 10)),
    ]);
    expect(order).toEqual(['other source', 'b1', 'a1', 'a2']);
  });

  test('when the earlier one must be sent again, the later one is not recorded before it', async () => {
    const turns = new RecordTurns();
    const order: string[] = [];
    const first = turns.take('ehr', 'a', () => Promise.reject(new DomainError('unavailable', 'the store failed')));
    const second = turns.take('ehr', 'a', later(order, 'a2', 0));
    const third = turns.take('ehr', 'a', later(order, 'a3', 0));
    const refusal = 'an earlier version of this record in this stream could not be recorded; send both again, in order';
    await expect(first).rejects.toThrow('the store failed');
    await expect(second).rejects.toThrow(refusal);
    await expect(third).rejects.toThrow(refusal);
    expect(order).toEqual([]);
    await turns.take('ehr', 'a', later(order, 'a1 again', 0));
    expect(order).toEqual(['a1 again']);
  });
});

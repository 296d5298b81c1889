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
  interface NamedLine {
    readonly source: string;
    readonly recordId: string;
    readonly name: string;
  }

  const line = (name: string, recordId = name.slice(0, 1), source = 'ehr'): NamedLine => ({ source, recordId, name });

  const later =
    (order: string[], milliseconds: number) =>
    async (lines: readonly NamedLine[]): Promise<readonly string[]> => {
      await delay(milliseconds);
      order.push(lines.map(({ name }) => name).join());
      return lines.map(({ name }) => name);
    };

  test('a later group waits for the earlier one that holds one of its records, and for no other', async () => {
    const turns = new RecordTurns();
    const order: string[] = [];
    const results = await Promise.all([
      turns.take([line('a1'), line('c1')], later(order, 40)),
      turns.take([line('d1'), line('a2')], later(order, 0)),
      turns.take([line('other source', 'a', 'lab')], later(order, 0)),
      turns.take([line('b1')], later(order, 10)),
    ]);
    expect(order).toEqual(['other source', 'b1', 'a1,c1', 'd1,a2']);
    expect(results).toEqual([['a1', 'c1'], ['d1', 'a2'], ['other source'], ['b1']]);
  });

  test('when the earlier one must be sent again, the later one is not recorded before it', async () => {
    const turns = new RecordTurns();
    const order: string[] = [];
    const failure = new DomainError('unavailable', 'the store failed');
    const refusal = 'an earlier version of this record in this stream could not be recorded; send both again, in order';
    const first = turns.take([line('a1')], () => Promise.reject(failure));
    const second = turns.take([line('a2'), line('b1')], later(order, 0));
    const third = turns.take([line('a3'), line('a4')], later(order, 0));
    await expect(first).rejects.toThrow('the store failed');
    expect(await second).toEqual([expect.objectContaining({ code: 'unavailable', message: refusal }), 'b1']);
    expect((await third).map(String)).toEqual([`DomainError: ${refusal}`, `DomainError: ${refusal}`]);
    expect(order).toEqual(['b1']);
    await turns.take([line('a1 again')], later(order, 0));
    expect(order).toEqual(['b1', 'a1 again']);
  });

  test('a failure that sending again would not mend does not hold up the next one', async () => {
    const turns = new RecordTurns();
    const refused = new DomainError('history-rewritten', 'other content');
    const first = turns.take([line('a1')], async () => [refused]);
    const second = turns.take([line('a2')], later([], 0));
    expect(await first).toEqual([refused]);
    expect(await second).toEqual(['a2']);
  });
});

// The sequencer: bounded, in order, at most two batches at a time, tries a failed batch again, and loses nobody on close.

import { describe, expect, test } from '@jest/globals';
import { Sequencer, type SequencerLimits } from '../../api/src/ledger/append/sequencer.ts';
import { DomainError } from '../../api/src/platform/errors/domain-error.ts';
import { createLogger } from '../../api/src/platform/logger/logger.ts';
import { Metrics } from '../../api/src/platform/metrics/metrics.ts';

const LIMITS: SequencerLimits = { batchSize: 3, maxWaitMs: 5, maxInFlight: 100 };

/** A batch that was handed over and waits for its result. */
interface Written {
  readonly items: readonly number[];
  succeed(): void;
  fail(error: Error): void;
}

interface Setup {
  readonly sequencer: Sequencer<number, string>;
  readonly written: Written[];
  readonly metrics: Metrics;
  /** Waits until so many batches were handed over in all. */
  reached(count: number): Promise<void>;
}

/** A store that answers when the test tells it to. */
function setup(limits: Partial<SequencerLimits> = {}): Setup {
  const written: Written[] = [];
  const metrics = new Metrics();
  const write = (items: readonly number[]): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      written.push({ items, succeed: () => resolve(items.map((item) => `entry ${item}`)), fail: reject });
    });
  const sequencer = new Sequencer({ ...LIMITS, ...limits }, write, createLogger('silent'), metrics);
  const reached = async (count: number): Promise<void> => {
    for (let turns = 0; written.length < count; turns += 1) {
      if (turns === 2000) throw new Error(`${written.length} batches, wanted ${count}`);
      await turn();
    }
  };
  return { sequencer, written, metrics, reached };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** Submits a single item. */
async function one(sequencer: Sequencer<number, string>, item: number): Promise<string | undefined> {
  const [result] = await sequencer.submit([item]);
  return result;
}

describe('what is submitted together', () => {
  test('stays together: it waits for the next batch rather than being cut in two', async () => {
    const { sequencer, written, reached } = setup({ maxWaitMs: 0 });
    const all = [[1], [2], [3, 4], [5, 6], [7]].map((items) => sequencer.submit(items));
    expect(written.map(({ items }) => items)).toEqual([[1], [2]]);
    for (const [done, expected] of [
      [0, [3, 4]],
      [1, [5, 6, 7]],
    ] as const) {
      written[done]?.succeed();
      await reached(3 + done);
      expect(written[2 + done]?.items).toEqual(expected);
    }
    for (const batch of written) batch.succeed();
    expect(await Promise.all(all)).toEqual([
      ['entry 1'],
      ['entry 2'],
      ['entry 3', 'entry 4'],
      ['entry 5', 'entry 6'],
      ['entry 7'],
    ]);
  });

  test('is refused when there is no room for all of it, and counts as all its items', async () => {
    const { sequencer, written } = setup({ maxInFlight: 4, maxWaitMs: 0 });
    expect(sequencer.largestGroup).toBe(3);
    const first = sequencer.submit([1, 2, 3]);
    expect([sequencer.inFlight, sequencer.capacity]).toEqual([3, 1]);
    await expect(sequencer.submit([4, 5])).rejects.toMatchObject({ code: 'overloaded' });
    const single = one(sequencer, 6);
    for (const batch of written) batch.succeed();
    expect(await first).toEqual(['entry 1', 'entry 2', 'entry 3']);
    expect(await single).toBe('entry 6');
  });

  test.each([[[]], [[1, 2, 3, 4]]])('nothing, or more than a batch holds, is a mistake of ours: %j', async (items) => {
    await expect(setup().sequencer.submit(items)).rejects.toThrow(/1 to 3 are allowed/);
  });
});

describe('batches', () => {
  test('a full one goes at once, the rest after the waiting time, in the order of arrival', async () => {
    const { sequencer, written, reached } = setup();
    const results = [1, 2, 3, 4].map((item) => one(sequencer, item));
    expect(written.map(({ items }) => items)).toEqual([[1, 2, 3]]);
    await reached(2);
    expect(written[1]?.items).toEqual([4]);
    for (const batch of written) batch.succeed();
    expect(await Promise.all(results)).toEqual(['entry 1', 'entry 2', 'entry 3', 'entry 4']);
  });

  test('without a waiting time each goes at once, and what arrives while two are in work goes together', async () => {
    const { sequencer, written, reached } = setup({ maxWaitMs: 0 });
    const results = [1, 2, 3, 4, 5, 6].map((item) => one(sequencer, item));
    expect(written.map(({ items }) => items)).toEqual([[1], [2]]);
    written[0]?.succeed();
    await reached(3);
    expect(written[2]?.items).toEqual([3, 4, 5]);
    written[1]?.succeed();
    await reached(4);
    expect(written[3]?.items).toEqual([6]);
    for (const batch of written.slice(2)) batch.succeed();
    expect(await Promise.all(results)).toHaveLength(6);
  });

  test('two are in work at a time, never three', async () => {
    const { sequencer, written, reached } = setup({ batchSize: 1 });
    const results = [1, 2, 3].map((item) => one(sequencer, item));
    for (let i = 0; i < 20; i += 1) await turn();
    expect(written.map(({ items }) => items)).toEqual([[1], [2]]);
    written[1]?.succeed();
    await reached(3);
    written[0]?.succeed();
    written[2]?.succeed();
    expect(await Promise.all(results)).toEqual(['entry 1', 'entry 2', 'entry 3']);
  });
});

describe('the bound', () => {
  test('beyond it a submission is refused at once and nothing of it is kept', async () => {
    const { sequencer, written, reached } = setup({ maxInFlight: 4 });
    const results = [1, 2, 3, 4].map((item) => one(sequencer, item));
    expect(sequencer.capacity).toBe(0);
    await expect(one(sequencer, 5)).rejects.toMatchObject({
      name: 'DomainError',
      code: 'overloaded',
      extensions: { retryAfterSeconds: 1 },
    });
    expect(sequencer.inFlight).toBe(4);
    await reached(2);
    for (const batch of written) batch.succeed();
    await Promise.all(results);
    await turn();
    expect(sequencer.inFlight).toBe(0);
    expect(sequencer.capacity).toBe(4);
    expect(written.flatMap(({ items }) => items)).toEqual([1, 2, 3, 4]);
  });

  test('counts what is in work as well as what waits, and is told to the metrics', async () => {
    const { sequencer, written, metrics } = setup({ batchSize: 1, maxInFlight: 10 });
    const results = [1, 2, 3].map((item) => one(sequencer, item));
    expect(sequencer.inFlight).toBe(3);
    expect((await metrics.inFlight.get()).values[0]?.value).toBe(3);
    written[0]?.succeed();
    await results[0];
    await turn();
    expect(sequencer.inFlight).toBe(2);
    expect((await metrics.inFlight.get()).values[0]?.value).toBe(2);
    written[1]?.succeed();
    written[2]?.succeed();
    await Promise.all(results);
  });
});

describe('a batch that fails', () => {
  test('is tried again as it was, and its submitters get its result', async () => {
    const { sequencer, written, reached } = setup();
    const results = [1, 2, 3].map((item) => one(sequencer, item));
    written[0]?.fail(new Error('connection lost'));
    await reached(2);
    written[1]?.fail(new Error('dead-lock'));
    await reached(3);
    expect(written.map(({ items }) => items)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
    written[2]?.succeed();
    expect(await Promise.all(results)).toEqual(['entry 1', 'entry 2', 'entry 3']);
  });

  test('three times is given up: all of it is unavailable, safe to send again, and counted', async () => {
    const { sequencer, written, metrics, reached } = setup();
    const results = [1, 2, 3].map((item) => one(sequencer, item));
    const settled = Promise.allSettled(results);
    const fault = new Error('the disk is full');
    for (const attempt of [1, 2, 3]) {
      await reached(attempt);
      written[attempt - 1]?.fail(fault);
    }
    for (const result of await settled) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { name: 'DomainError', code: 'unavailable', extensions: { retryAfterSeconds: 2 }, cause: fault },
      });
    }
    expect(written).toHaveLength(3);
    expect((await metrics.stageErrors.get()).values).toMatchObject([{ value: 1, labels: { stage: 'append' } }]);
    // The next batch is another matter.
    const next = one(sequencer, 4);
    await reached(4);
    written[3]?.succeed();
    expect(await next).toBe('entry 4');
  });

  test('for a reason that its senders must know is not tried again', async () => {
    const { sequencer, written } = setup();
    const results = [1, 2, 3].map((item) => one(sequencer, item));
    const refusal = new DomainError('content-too-large', 'the entry would have 20000 octets');
    const settled = Promise.allSettled(results);
    written[0]?.fail(refusal);
    expect((await settled).map((result) => result.status === 'rejected' && result.reason)).toEqual([
      refusal,
      refusal,
      refusal,
    ]);
    for (let i = 0; i < 150; i += 1) await turn();
    expect(written).toHaveLength(1);
  });
});

describe('closing', () => {
  test('takes nothing more and waits for everything in flight, queued or in work', async () => {
    const { sequencer, written, reached } = setup({ batchSize: 1, maxWaitMs: 1000 });
    const results = [1, 2, 3].map((item) => one(sequencer, item));
    let closed = false;
    const closing = sequencer.close().then(() => {
      closed = true;
    });
    await expect(one(sequencer, 4)).rejects.toMatchObject({ code: 'unavailable' });
    written[0]?.succeed();
    await reached(3);
    written[1]?.succeed();
    for (let i = 0; i < 20; i += 1) await turn();
    expect(closed).toBe(false);
    written[2]?.succeed();
    await closing;
    expect(await Promise.all(results)).toEqual(['entry 1', 'entry 2', 'entry 3']);
  });

  test('does not wait for the waiting time of a batch that is not full', async () => {
    const { sequencer, written } = setup({ maxWaitMs: 60_000 });
    const result = one(sequencer, 1);
    expect(written).toHaveLength(0);
    const closing = sequencer.close();
    expect(written.map(({ items }) => items)).toEqual([[1]]);
    written[0]?.succeed();
    await closing;
    expect(await result).toBe('entry 1');
  });

  test('an idle sequencer is closed at once', async () => {
    const { sequencer } = setup();
    await sequencer.close();
    expect(sequencer.inFlight).toBe(0);
  });
});

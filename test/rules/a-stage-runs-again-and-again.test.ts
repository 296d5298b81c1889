// StageLoop: never twice at once, on a timer and on request, goes on after a failure, and stops only between two runs.

import { Writable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { StageLoop } from '../../api/src/ledger/stage-loop.ts';
import { Metrics } from '../../api/src/platform/metrics/metrics.ts';

/** Longer than any test: only a wake can cause the next run. */
const NEVER_MS = 60_000;

interface Run {
  finish(): void;
  fail(error: unknown): void;
}

class Stage {
  readonly runs: Run[] = [];
  readonly messages: string[] = [];
  readonly metrics = new Metrics();
  readonly loop: StageLoop;
  atOnce = 0;
  mostAtOnce = 0;

  constructor(intervalMs: number) {
    const lines = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.messages.push((JSON.parse(chunk.toString('utf8')) as { msg: string }).msg);
        done();
      },
    });
    this.loop = new StageLoop('integrate', () => this.#work(), intervalMs, pino({ base: null }, lines), this.metrics);
  }

  async #work(): Promise<void> {
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    try {
      await new Promise<void>((resolve, reject) => {
        this.runs.push({ finish: resolve, fail: reject });
      });
    } finally {
      this.atOnce -= 1;
    }
  }

  /** The run with this number, from 1, as soon as it has begun. */
  async run(number: number): Promise<Run> {
    for (let turns = 0; this.runs.length < number; turns += 1) {
      if (turns === 2000) throw new Error(`${this.runs.length} runs, wanted ${number}`);
      await turn();
    }
    return this.runs[number - 1] as Run;
  }

  async errors(): Promise<number> {
    return (await this.metrics.stageErrors.get()).values[0]?.value ?? 0;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await turn();
}

let open: Stage | undefined;
function stage(intervalMs: number): Stage {
  open = new Stage(intervalMs);
  return open;
}

afterEach(async () => {
  const stopping = open?.loop.stop();
  for (const run of open?.runs ?? []) run.finish();
  await stopping;
  open = undefined;
});

describe('a stage', () => {
  test('does nothing before it is started, and runs at once when it is', async () => {
    const one = stage(NEVER_MS);
    one.loop.wake();
    await turns(5);
    expect(one.runs).toHaveLength(0);
    one.loop.start();
    expect(one.runs).toHaveLength(1);
  });

  test('runs again after the interval, counted from the end of a run', async () => {
    const one = stage(30);
    one.loop.start();
    await turns(50);
    expect(one.runs).toHaveLength(1);
    (await one.run(1)).finish();
    const from = performance.now();
    await one.run(2);
    expect(performance.now() - from).toBeGreaterThanOrEqual(28);
  });

  test('runs at once when it is woken, without waiting for the interval', async () => {
    const one = stage(NEVER_MS);
    one.loop.start();
    (await one.run(1)).finish();
    await turns(3);
    one.loop.wake();
    expect(one.runs).toHaveLength(2);
  });

  test('woken many times during a run, runs once more after it, never at the same time', async () => {
    const one = stage(NEVER_MS);
    one.loop.start();
    for (let i = 0; i < 10; i += 1) one.loop.wake();
    expect(one.runs).toHaveLength(1);
    (await one.run(1)).finish();
    (await one.run(2)).finish();
    await turns(20);
    expect(one.runs).toHaveLength(2);
    expect(one.mostAtOnce).toBe(1);
  });
});

describe('a run that fails', () => {
  test('is told, counted, and followed by the next run; a success clears it', async () => {
    const one = stage(5);
    one.loop.start();
    (await one.run(1)).fail(new Error('the chain is away'));
    const second = await one.run(2);
    expect(one.loop.failure).toBe('the chain is away');
    expect(await one.errors()).toBe(1);
    second.finish();
    await one.run(3);
    expect(one.loop.failure).toBeNull();
    expect(one.messages).toEqual(['stage failed and will be tried again', 'stage works again']);
  });

  test('with the same message again and again gives one line, another message another line', async () => {
    const one = stage(1);
    one.loop.start();
    for (const number of [1, 2, 3]) (await one.run(number)).fail(new Error('the chain is away'));
    (await one.run(4)).fail('not even an error');
    (await one.run(5)).finish();
    await one.run(6);
    expect(one.messages).toEqual([
      'stage failed and will be tried again',
      'stage failed and will be tried again',
      'stage works again',
    ]);
    expect(await one.errors()).toBe(4);
  });

  test('waits for the interval even when it was woken meanwhile: no hot loop of failures', async () => {
    const one = stage(NEVER_MS);
    one.loop.start();
    one.loop.wake();
    (await one.run(1)).fail(new Error('the database is away'));
    await turns(20);
    expect(one.runs).toHaveLength(1);
  });
});

describe('stopping', () => {
  test('waits for the run that is going on, and no other follows', async () => {
    const one = stage(1);
    one.loop.start();
    one.loop.wake();
    let stopped = false;
    const stopping = one.loop.stop().then(() => {
      stopped = true;
    });
    await turns(5);
    expect(stopped).toBe(false);
    (await one.run(1)).finish();
    await stopping;
    one.loop.wake();
    await turns(20);
    expect(one.runs).toHaveLength(1);
  });

  test('between two runs is immediate, and takes the timer away', async () => {
    const one = stage(5);
    one.loop.start();
    (await one.run(1)).finish();
    await turn();
    await one.loop.stop();
    await turns(20);
    expect(one.runs).toHaveLength(1);
  });

  test('is not for ever: a stopped stage can be started again', async () => {
    const one = stage(NEVER_MS);
    one.loop.start();
    (await one.run(1)).finish();
    await one.loop.stop();
    one.loop.start();
    expect(one.runs).toHaveLength(2);
  });
});

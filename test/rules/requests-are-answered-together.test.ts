// coalesce: many look-ups become few queries; each gets its own answer, or its own error; nothing is remembered.

import { expect, test } from '@jest/globals';
import { coalesce } from '../../api/src/platform/database/coalesce.ts';

/** A source that answers when it is told to, and knows what it was asked. */
function source(): {
  ask: (key: number) => Promise<string>;
  asked: (readonly number[])[];
  answer: (() => void)[];
} {
  const asked: (readonly number[])[] = [];
  const answer: (() => void)[] = [];
  const ask = coalesce<number, string>(async (keys) => {
    asked.push(keys);
    await new Promise<void>((resolve) => answer.push(resolve));
    return keys.map((key) => (key < 0 ? new Error(`no ${key}`) : `answer ${key}`));
  });
  return { ask, asked, answer };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test('a lone question is asked at once; those that come meanwhile are asked together afterwards', async () => {
  const { ask, asked, answer } = source();
  const first = ask(1);
  await turn();
  expect(asked).toEqual([[1]]);
  const others = [2, 3, 2].map((key) => ask(key));
  await turn();
  expect(asked).toEqual([[1]]);
  answer[0]?.();
  expect(await first).toBe('answer 1');
  await turn();
  expect(asked).toEqual([[1], [2, 3, 2]]);
  answer[1]?.();
  expect(await Promise.all(others)).toEqual(['answer 2', 'answer 3', 'answer 2']);
});

test('an error in the place of an answer is for that question alone', async () => {
  const { ask, answer } = source();
  const settled = Promise.allSettled([ask(1), ask(-1)]);
  await turn();
  answer[0]?.();
  expect(await settled).toEqual([
    { status: 'fulfilled', value: 'answer 1' },
    { status: 'rejected', reason: new Error('no -1') },
  ]);
});

test('a query that fails fails for all that it was for, and the next one is asked all the same', async () => {
  let calls = 0;
  const ask = coalesce<number, number>((keys) => {
    calls += 1;
    return calls === 1 ? Promise.reject(new Error('the connection was lost')) : Promise.resolve([...keys]);
  });
  const settled = await Promise.allSettled([ask(1), ask(2)]);
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await ask(1)).toBe(1);
  expect(calls).toBe(2);
});

test('nothing is remembered: the same question is asked again', async () => {
  let calls = 0;
  const ask = coalesce<string, number>((keys) => Promise.resolve(keys.map(() => (calls += 1))));
  expect([await ask('a'), await ask('a')]).toEqual([1, 2]);
});

test('no query is for more than 256 questions', async () => {
  const sizes: number[] = [];
  const ask = coalesce<number, number>((keys) => {
    sizes.push(keys.length);
    return Promise.resolve([...keys]);
  });
  const keys = Array.from({ length: 600 }, (_, key) => key);
  expect(await Promise.all(keys.map(ask))).toEqual(keys);
  expect(sizes).toEqual([256, 256, 88]);
});

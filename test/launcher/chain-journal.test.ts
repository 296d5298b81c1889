// The local chain forgets nothing: a restart gives the same transaction *and* block hashes, a torn last line is dropped,
// and a journal that does not replay to the same chain is refused.

import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HDNodeWallet } from 'ethers';
import { startLocalChain, type LocalChain } from '../../scripts/chain/local-chain.ts';

const giver = HDNodeWallet.fromPhrase('test test test test test test test test test test test junk');
let folder: string;
let original: string;
/** What the first run of the chain answered, by transaction hash. */
const seen = new Map<string, unknown>();

async function rpc(chain: LocalChain, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(chain.url, { method: 'POST', body: JSON.stringify(body) });
  return (await response.json()) as Record<string, unknown>;
}

function request(method: string, params: unknown[], id = 1): object {
  return { jsonrpc: '2.0', id, method, params };
}

/** A transfer, or with `data` the creation of a contract. */
function signed(nonce: number, data?: string): Promise<string> {
  const common = {
    type: 2,
    chainId: 31337,
    nonce,
    gasLimit: 100_000n,
    maxFeePerGas: 10n ** 10n,
    maxPriorityFeePerGas: 1n,
  };
  return giver.signTransaction(data === undefined ? { ...common, to: giver.address, value: 1n } : { ...common, data });
}

function journalIn(dataDir: string): string {
  return path.join(dataDir, 'journal.jsonl');
}

/** A folder with a copy of the original journal, changed by `edit`. */
function copyWith(name: string, edit: (file: string) => void): string {
  const made = mkdtempSync(path.join(folder, `${name}-`));
  copyFileSync(journalIn(original), journalIn(made));
  edit(journalIn(made));
  return made;
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-journal-'));
  original = path.join(folder, 'original');
  const chain = await startLocalChain({ dataDir: original, port: 0 });
  try {
    const first = await rpc(chain, request('eth_sendRawTransaction', [await signed(0)]));
    // 0xfe is INVALID: the creation fails, is mined all the same, and must be replayed too.
    const reverted = await rpc(chain, request('eth_sendRawTransaction', [await signed(1, '0xfe')]));
    expect(reverted['error']).toMatchObject({ code: expect.any(Number) });
    // A batch, out of which the last transaction is a repetition.
    const batch = await fetch(chain.url, {
      method: 'POST',
      body: JSON.stringify([
        request('eth_sendRawTransaction', [await signed(2)], 7),
        request('eth_blockNumber', [], 8),
        request('eth_sendRawTransaction', [await signed(3)], 9),
        request('eth_sendRawTransaction', [await signed(3)], 10),
      ]),
    });
    const answers = (await batch.json()) as Record<string, unknown>[];
    expect(answers.map((answer) => answer['id'])).toEqual([7, 8, 9, 10]);
    expect(answers[1]).toMatchObject({ result: '0x3' });
    expect(answers[3]).toHaveProperty('error');
    for (const answer of [first, answers[0], answers[2]]) {
      const hash = String(answer?.['result']);
      expect(hash).toMatch(/^0x[0-9a-f]{64}$/);
      seen.set(hash, (await rpc(chain, request('eth_getTransactionReceipt', [hash])))['result']);
    }
  } finally {
    await chain.stop();
  }
}, 30_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a journal that is as it was written', () => {
  test('holds each mined transaction once, in block order, the reverted one included', () => {
    const [header, ...lines] = readFileSync(journalIn(original), 'utf8').trimEnd().split('\n');
    expect(JSON.parse(header ?? '')).toMatchObject({ format: 'medanchor-chain-journal/1', chainId: '31337' });
    const numbers = lines.map((line) => (JSON.parse(line) as { blockNumber: string }).blockNumber);
    expect(numbers).toEqual(['1', '2', '3', '4']);
  });

  test('gives every receipt again after two restarts, byte for byte', async () => {
    const dataDir = copyWith('restart', () => undefined);
    for (const run of [1, 2]) {
      const chain = await startLocalChain({ dataDir, port: 0 });
      try {
        expect({ run, replayed: chain.replayed }).toEqual({ run, replayed: 4 });
        for (const [hash, receipt] of seen) {
          expect((await rpc(chain, request('eth_getTransactionReceipt', [hash])))['result']).toEqual(receipt);
        }
      } finally {
        await chain.stop();
      }
    }
  }, 30_000);

  test('the clock goes on with today, not with the date of the genesis block', async () => {
    const dataDir = copyWith('clock', () => undefined);
    const chain = await startLocalChain({ dataDir, port: 0 });
    try {
      const { result } = await rpc(chain, request('eth_sendRawTransaction', [await signed(4)]));
      const receipt = (await rpc(chain, request('eth_getTransactionReceipt', [result])))['result'] as {
        blockNumber: string;
      };
      const block = (await rpc(chain, request('eth_getBlockByNumber', [receipt.blockNumber, false])))['result'];
      const age = Math.abs(Date.now() / 1000 - Number((block as { timestamp: string }).timestamp));
      expect(age).toBeLessThan(120);
    } finally {
      await chain.stop();
    }
  }, 30_000);

  test('a last line torn by a crash is dropped, and the chain goes on from the line before', async () => {
    const dataDir = copyWith('torn', (file) => appendFileSync(file, '{"raw":"0x02f8'));
    const chain = await startLocalChain({ dataDir, port: 0 });
    try {
      expect(chain).toMatchObject({ replayed: 4, dropped: 14 });
      expect(await rpc(chain, request('eth_sendRawTransaction', [await signed(4)]))).toHaveProperty('result');
    } finally {
      await chain.stop();
    }
    expect(readFileSync(journalIn(dataDir), 'utf8').trimEnd().split('\n')).toHaveLength(6);
  }, 30_000);
});

describe('a journal that was changed is refused', () => {
  const cases: readonly (readonly [string, RegExp, (lines: string[]) => string[]])[] = [
    [
      'a block time moved by a second',
      /line 3: transaction 0x.* its replay gave block/s,
      (lines) => editEntry(lines, 2, 'timestamp', (time) => String(BigInt(time) + 1n)),
    ],
    [
      'a transaction taken out',
      /line 3: .* (did not come out of its replay|its replay gave block)/s,
      (lines) => lines.filter((_, i) => i !== 2),
    ],
    [
      'two transactions swapped',
      /line 2: .* (did not come out of its replay|its replay gave block)/s,
      (lines) => [lines[0] ?? '', lines[2] ?? '', lines[1] ?? '', ...lines.slice(3)],
    ],
    [
      'another block hash',
      /line 5: transaction/,
      (lines) => editEntry(lines, 4, 'blockHash', (hash) => hash.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))),
    ],
    [
      'another genesis block',
      /belongs to chain 31337 with genesis/,
      (lines) => editEntry(lines, 0, 'genesis', (hash) => hash.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))),
    ],
    [
      'a line that is not JSON',
      /journal\.jsonl, line 3: not a journal line/,
      (lines) => lines.map((line, i) => (i === 2 ? `${line},` : line)),
    ],
    [
      'an unknown member',
      /journal\.jsonl, line 2: not a journal line/,
      (lines) => lines.map((line, i) => (i === 1 ? line.replace('{', '{"note":"",') : line)),
    ],
  ];

  test.each(cases)(
    '%s',
    async (_name, message, edit) => {
      const dataDir = copyWith('edited', (file) => {
        const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
        writeFileSync(file, `${edit(lines).join('\n')}\n`);
      });
      const before = readFileSync(journalIn(dataDir), 'utf8');
      await expect(startLocalChain({ dataDir, port: 0 })).rejects.toThrow(message);
      expect(readFileSync(journalIn(dataDir), 'utf8')).toBe(before);
    },
    30_000,
  );

  function editEntry(lines: string[], index: number, name: string, change: (value: string) => string): string[] {
    return lines.map((line, i) => {
      if (i !== index) return line;
      const entry = JSON.parse(line) as Record<string, string>;
      return JSON.stringify({ ...entry, [name]: change(entry[name] ?? '') });
    });
  }
});

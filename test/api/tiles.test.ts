// C2SP tlog-tiles as an auditor reads them: full and partial tiles that hash to the checkpoint, nothing beyond it, and
// entries only where the operator made them public.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { leafHash, parseEntryBundle, parseSignedCheckpoint, toHex } from '@medanchor/verifier';
import { observation } from '../flow/support/records.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { json, call } from './support/http.ts';

const SIZE = 300;
let site: Site;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  const versions = Array.from({ length: SIZE }, (_, one) => observation(`t${one}`, '1', `1.${one + 100}`));
  await service.api.submitMany(versions);
  await eventually(
    'a checkpoint of 300',
    () => service.api.log(),
    ({ sizes }) => sizes.checkpointed === String(SIZE),
  );
}, 60_000);

afterAll(async () => {
  await site.close();
});

function node(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256')
    .update(Buffer.from([1]))
    .update(left)
    .update(right)
    .digest();
}

/** RFC 6962 section 2.1 over leaf hashes, the slow way. */
function root(hashes: readonly Buffer[]): Buffer {
  const [only] = hashes;
  if (hashes.length <= 1) return only ?? createHash('sha256').digest();
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return node(root(hashes.slice(0, split)), root(hashes.slice(split)));
}

function hashesOf(tile: Buffer): Buffer[] {
  return Array.from({ length: tile.length / 32 }, (_, at) => tile.subarray(32 * at, 32 * (at + 1)));
}

describe('hash tiles', () => {
  test('the full tile and the partial one hash to the root of the checkpoint', async () => {
    const full = await service.api.octets('/tile/0/000');
    const partial = await service.api.octets('/tile/0/001.p/44');
    expect([full.status, full.bytes.length, partial.status, partial.bytes.length]).toEqual([
      200,
      256 * 32,
      200,
      44 * 32,
    ]);
    const { text } = await service.api.text('/checkpoint');
    const checkpoint = parseSignedCheckpoint(text);
    expect([checkpoint.origin, checkpoint.size]).toEqual(['test.medanchor.local/log/1', 300n]);
    const leaves = [...hashesOf(full.bytes), ...hashesOf(partial.bytes)];
    expect(root(leaves).toString('hex')).toBe(toHex(checkpoint.root));
    // One level up: the root of the full tile.
    const above = await service.api.octets('/tile/1/000.p/1');
    expect(above.bytes.toString('hex')).toBe(root(hashesOf(full.bytes)).toString('hex'));
  });

  test('every narrower width is the beginning of the tile', async () => {
    const { bytes } = await service.api.octets('/tile/0/001.p/44');
    for (const width of [1, 2, 31, 43]) {
      const narrower = await service.api.octets(`/tile/0/001.p/${width}`);
      expect([narrower.status, narrower.bytes]).toEqual([200, bytes.subarray(0, 32 * width)]);
    }
    expect((await service.api.octets('/tile/0/000.p/255')).bytes).toHaveLength(255 * 32);
  });

  test('tiles may be kept for ever, the checkpoint never', async () => {
    const tile = await call(service.url, '/tile/0/000');
    expect([tile.headers.get('cache-control'), tile.headers.get('content-type')]).toEqual([
      'public, max-age=31536000, immutable',
      'application/octet-stream',
    ]);
    const checkpoint = await call(service.url, '/checkpoint');
    expect([checkpoint.headers.get('cache-control'), checkpoint.headers.get('content-type')]).toEqual([
      'no-store',
      'text/plain; charset=utf-8',
    ]);
  });

  test.each([
    '/tile/0/001',
    '/tile/0/001.p/45',
    '/tile/0/002.p/1',
    '/tile/1/000',
    '/tile/1/000.p/2',
    '/tile/2/000.p/1',
    '/tile/63/000',
    '/tile/0/x001/000',
  ])('%s is beyond the checkpoint: 404, and not to be kept', async (path) => {
    const reply = await call(service.url, path);
    expect([reply.status, json(reply)['code']]).toEqual([404, 'not-found']);
    expect(reply.headers.get('cache-control') ?? '').not.toContain('immutable');
  });

  test.each([
    '/tile/0/0',
    '/tile/0/0000',
    '/tile/0/x000/001',
    '/tile/0/000.p/0',
    '/tile/0/000.p/256',
    '/tile/0/001.p/044',
    '/tile/64/000',
    '/tile/-1/000',
    '/tile/00/000',
    '/tile/0/000/',
    '/tile/0/',
    '/tile/0',
    '/tile/',
    '/tile/0/000?width=1',
    '/tile/entries/0',
    '/tile/0/x999/x999/x999/x999/x999/x999/999',
    '/tile/0/%30%30%30',
  ])('%s is no path of a tile: 400', async (path) => {
    const reply = await call(service.url, path);
    expect([reply.status, json(reply)['code']]).toEqual([400, 'bad-request']);
  });
});

describe('entry bundles', () => {
  test.each(['/tile/entries/000', '/tile/entries/001.p/44', '/tile/entries/999'])(
    '%s is private unless made public: a token is needed, and one that is allowed to',
    async (path) => {
      const unsigned = await call(service.url, path, { token: null });
      expect([unsigned.status, json(unsigned)['code']]).toEqual([401, 'token-missing']);
      const token = await site.token({ roles: ['record-system'] });
      const reply = await call(service.url, path, { token });
      expect([reply.status, json(reply)['code']]).toEqual([403, 'access-denied']);
    },
  );

  test('made public, the entries hash to the tile, and show nobody’s name', async () => {
    const open = await site.start({ ENTRY_BUNDLES: 'public' });
    const hashes = await Promise.all([open.api.octets('/tile/0/000'), open.api.octets('/tile/0/001.p/44')]);
    const bundles = await Promise.all([
      open.api.octets('/tile/entries/000'),
      open.api.octets('/tile/entries/001.p/44'),
    ]);
    bundles.forEach(({ bytes }, at) => {
      const entries = parseEntryBundle(bytes);
      expect(entries).toHaveLength([256, 44][at] ?? 0);
      expect(Buffer.concat(entries.map((entry) => leafHash(entry)))).toEqual(hashes[at]?.bytes);
      expect(bytes.toString('utf8')).not.toMatch(/Observation|ehr|Potassium/);
    });
    const beyond = await open.api.text('/tile/entries/001.p/45');
    expect(beyond.status).toBe(404);
    await open.stop();
  });
});

test('a tile that was served stays as it is while the log grows', async () => {
  const before = await Promise.all([service.api.octets('/tile/0/000'), service.api.octets('/tile/0/001.p/44')]);
  await service.api.submit(observation('later', '1', '4.20'), 'checkpointed');
  const after = await Promise.all([service.api.octets('/tile/0/000'), service.api.octets('/tile/0/001.p/44')]);
  expect(after).toEqual(before);
  expect((await service.api.octets('/tile/0/001.p/45')).bytes.subarray(0, 44 * 32)).toEqual(after[1]?.bytes);
});

test('what is integrated but not signed is not served', async () => {
  await service.stop();
  const slow = await site.start({ CHECKPOINT_INTERVAL_MS: '3600000' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await slow.api.submit(observation('unsigned', '1', '4.20'), 'integrated');
  expect((await slow.api.log()).sizes).toMatchObject({ integrated: '302', checkpointed: '301' });
  expect((await slow.api.octets('/tile/0/001.p/45')).status).toBe(200);
  expect((await slow.api.octets('/tile/0/001.p/46')).status).toBe(404);
});

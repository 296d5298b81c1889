// Interoperability: what a running service publishes over HTTP is checked by the Go project's sumdb/tlog and sumdb/note.
// Where no Go toolchain (with golang.org/x/mod) is at hand the tests are skipped, and say so in the count.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { observation } from '../flow/support/records.ts';
import { eventually, Site } from '../flow/support/site.ts';
import { buildProgram, findGo } from './go-toolchain.ts';
import { publish } from './published-log.ts';

/** Two full tiles, a partial one, and a tile on the second level. */
const WAVES = [1, 255, 44, 400];
const toolchain = findGo();
const checked = 'env' in toolchain ? test : test.skip;
const reason = 'missing' in toolchain ? ` (skipped: ${toolchain.missing})` : '';

const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-conformance-'));
const published = path.join(folder, 'published');
let program = '';

beforeAll(async () => {
  if (!('env' in toolchain)) return;
  program = buildProgram(toolchain.env, folder);
  const site = await Site.open();
  try {
    const service = await site.start({ ENTRY_BUNDLES: 'public' });
    const versions = Array.from({ length: 700 }, (_, at) => observation(`o${at}`, '1', `4.${at}`));
    let sent = 0;
    for (const wave of WAVES) {
      await service.api.submitMany(versions.slice(sent, sent + wave));
      sent += wave;
      await eventually(
        'confirmation',
        () => service.api.log(),
        (log) => log.sizes.confirmed === String(sent),
      );
    }
    await publish(site, service, versions, published);
  } finally {
    await site.close();
  }
}, 180_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function run(log: string) {
  const { status, stdout, stderr } = spawnSync(program, [log], { encoding: 'utf8' });
  return { status, lines: stdout.trimEnd().split('\n'), fault: stderr.trim() };
}

/** A copy of the published log in which one file is changed. */
function damaged(name: string, change: (octets: Buffer) => string | Buffer): string {
  const copy = mkdtempSync(path.join(folder, 'damaged-'));
  cpSync(published, copy, { recursive: true });
  const file = path.join(copy, name);
  writeFileSync(file, change(readFileSync(file)));
  return copy;
}

function bitFlipped(at: number): (octets: Buffer) => Buffer {
  return (octets) => {
    octets.writeUInt8(octets.readUInt8(at) ^ 1, at);
    return octets;
  };
}

describe('golang.org/x/mod/sumdb', () => {
  checked(`accepts checkpoint, tiles, entries, 700 inclusion proofs and every consistency proof${reason}`, () => {
    const { status, lines, fault } = run(published);
    expect([status, fault]).toEqual([0, '']);
    expect(lines.slice(0, 4)).toEqual([
      'checkpoint: size 700 of test.medanchor.local/log/1, signed',
      "entries: 700, a tree built from them alone has the checkpoint's root",
      'tiles: 4, each as computed from the entries',
      'inclusion: 700 proofs',
    ]);
    const proofs = JSON.parse(readFileSync(path.join(published, 'consistency.json'), 'utf8')) as unknown[];
    expect(proofs.length).toBeGreaterThanOrEqual(3);
    expect(lines[4]).toBe(`consistency: ${proofs.length} proofs`);
  });

  checked(`refuses what is damaged: checkpoint, tile, entry, inclusion proof, consistency proof${reason}`, () => {
    const hash = (text: string): string => (text.startsWith('0') ? `1${text.slice(1)}` : `0${text.slice(1)}`);
    const resized = damaged('checkpoint', (octets) => octets.toString().replace('\n700\n', '\n699\n'));
    expect(run(resized).fault).toMatch(/^checkpoint: invalid signature for key test\.medanchor\.local\/log\/1/);
    expect(run(damaged('tile/0/001', bitFlipped(40))).fault).toBe('tile/8/0/001 is not what the entries hash to');
    expect(run(damaged('tile/entries/002.p/188', bitFlipped(60))).fault).toMatch(/^the tree of the entries has root /);
    const name = 'Observation-o100-1.tlog-proof';
    const moved = damaged(`proofs/${name}`, (octets) => octets.toString().replace(/index [0-9]+/, 'index 7'));
    expect(run(moved).fault).toBe(`${name}: invalid transparency proof`);
    const bent = damaged('consistency.json', (octets) => {
      const [first, ...rest] = JSON.parse(octets.toString()) as { newRoot: string }[];
      return JSON.stringify([{ ...first, newRoot: hash(first?.newRoot ?? '') }, ...rest]);
    });
    expect(run(bent).fault).toMatch(/^consistency from 1 to [0-9]+: invalid transparency proof$/);
  });
});

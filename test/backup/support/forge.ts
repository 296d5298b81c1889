// Makes a backup of one's own out of another: whoever can write the file can also make its sums right again.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import tar from 'tar-stream';

type Members = Map<string, Buffer>;

export async function readMembers(file: string): Promise<Members> {
  const members: Members = new Map();
  const extract = tar.extract();
  const ended = pipeline(createReadStream(file), createGunzip(), extract);
  for await (const entry of extract) {
    const parts: Buffer[] = [];
    for await (const part of entry as unknown as AsyncIterable<Buffer>) parts.push(part);
    members.set(entry.header.name, Buffer.concat(parts));
  }
  await ended;
  return members;
}

/** Writes the members as they are, with the sums as they should be unless `sums` keeps the old ones. */
export async function writeMembers(file: string, members: Members, sums: 'right' | 'old' = 'right'): Promise<void> {
  const pack = tar.pack();
  const written = pipeline(pack, createGzip(), createWriteStream(file, { mode: 0o600 }));
  let list = '';
  for (const [name, content] of members) {
    if (name === 'SHA256SUMS') continue;
    list += `${createHash('sha256').update(content).digest('hex')}  ${name}\n`;
    pack.entry({ name }, content);
  }
  const old = members.get('SHA256SUMS');
  if (old !== undefined) pack.entry({ name: 'SHA256SUMS' }, sums === 'old' ? old : list);
  pack.finalize();
  await written;
}

/** Edits header and manifest alike, and a table's text; table sums in the manifest follow. */
export async function forge(
  from: string,
  to: string,
  edit: {
    readonly both?: (json: Record<string, unknown>) => void;
    readonly manifest?: (json: Record<string, unknown>) => void;
    readonly table?: readonly [name: string, change: (text: string) => string];
  },
): Promise<void> {
  const members = await readMembers(from);
  const parse = (name: string): Record<string, unknown> =>
    JSON.parse((members.get(name) ?? Buffer.of()).toString()) as Record<string, unknown>;
  const [header, manifest] = [parse('header.json'), parse('manifest.json')];
  if (edit.table !== undefined) {
    const [table, change] = edit.table;
    const name = [...members.keys()].find((member) => member.includes(`-${table}/`)) ?? '';
    const text = Buffer.from(change((members.get(name) ?? Buffer.of()).toString()));
    members.set(name, text);
    const tables = manifest['tables'] as { name: string; rows: string; octets: string; sha256: string }[];
    const entry = tables.find((one) => one.name === table);
    if (entry !== undefined) {
      entry.octets = String(text.length);
      entry.rows = String(text.toString().split('\n').length - 1);
      entry.sha256 = createHash('sha256').update(text).digest('hex');
    }
  }
  edit.both?.(header);
  edit.both?.(manifest);
  edit.manifest?.(manifest);
  members.set('header.json', Buffer.from(JSON.stringify(header)));
  members.set('manifest.json', Buffer.from(JSON.stringify(manifest)));
  await writeMembers(to, members);
}

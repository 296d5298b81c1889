// An audit that shares no code with the service, and the service's own sweep beside it: from the rows of the database, the notes that were ever shown, and the
// chain, everything is computed anew and compared. Every fault must leave a log over which nothing is found.

import { createPublicKey, hash, verify } from 'node:crypto';
import { Contract, getAddress } from 'ethers';
import type { Site } from '../../flow/support/site.ts';
import { named, openFsck } from '../../flow/support/sweep.ts';
import type { Witness } from './witness.ts';

const EVENT = ['event HeadAnchored(bytes32 indexed logId, uint64 indexed size, bytes32 root)'];
const TILE_WIDTH = 256;
/** Levels of a tile: eight of the tree. */
const TILE_HEIGHT = 8;

/** @param witness what was acknowledged and shown while the faults happened */
export async function assertClean(site: Site, witness: Witness): Promise<void> {
  const findings = [...(await audit(site, witness)), ...(await sweep(site))];
  if (findings.length > 0) throw new Error(`the audit found:\n  ${findings.slice(0, 20).join('\n  ')}`);
}

/** The service's own sweep, which must agree. */
async function sweep(site: Site): Promise<readonly string[]> {
  const swept = await openFsck(site);
  try {
    const report = await swept.fsck.sweep({ mode: 'full' });
    const skipped = report.checks
      .filter(({ result }) => result !== 'passed')
      .map(({ name, reason }) => `${name}: ${reason}`);
    return [...named(report), ...skipped];
  } finally {
    await swept.close();
  }
}

export async function audit(site: Site, witness: Witness): Promise<readonly string[]> {
  const findings: string[] = [];
  const leaves = await auditBatches(site, findings);
  const tree = new PlainTree(leaves);
  await auditStages(site, tree, findings);
  await auditTiles(site, tree, findings);
  await auditCheckpoints(site, tree, witness, findings);
  await auditVersions(site, leaves, witness, findings);
  await auditAnchors(site, tree, findings);
  return findings;
}

/** RFC 6962 over leaf hashes, one array per level; a node stands where both of its children are complete. */
class PlainTree {
  readonly levels: Buffer[][];

  constructor(leaves: readonly Buffer[]) {
    this.levels = [[...leaves]];
    for (let below = this.levels[0] as Buffer[]; below.length > 1; below = this.levels.at(-1) as Buffer[]) {
      const level: Buffer[] = [];
      for (let left = 0; left + 1 < below.length; left += 2)
        level.push(sha256(1, below[left] as Buffer, below[left + 1] as Buffer));
      this.levels.push(level);
    }
  }

  get size(): number {
    return this.levels[0]?.length ?? 0;
  }

  /** Null when the tree has not so many leaves. */
  root(size: number): string | null {
    if (size > this.size) return null;
    let root: Buffer | null = null;
    let rest = size;
    // The perfect subtrees of `size`, smallest first, each to the left of what is joined already.
    for (let height = 0; rest > 0; height += 1) {
      const width = 2 ** height;
      if (size % (width * 2) < width) continue;
      rest -= width;
      const node = this.levels[height]?.[rest / width] as Buffer;
      root = root === null ? node : sha256(1, node, root);
    }
    return (root ?? hash('sha256', '', 'buffer')).toString('hex');
  }
}

async function auditBatches(site: Site, findings: string[]): Promise<Buffer[]> {
  const rows = await site.read<{ first_index: string; entry_count: number; entries: Buffer; leaf_hashes: Buffer }>(
    'SELECT first_index, entry_count, entries, leaf_hashes FROM entry_batch ORDER BY first_index',
  );
  const leaves: Buffer[] = [];
  for (const row of rows) {
    if (Number(row.first_index) !== leaves.length)
      findings.push(`a batch begins at ${row.first_index}, but ${leaves.length} entries are before it`);
    let entries = 0;
    for (let at = 0; at < row.entries.length; entries += 1) {
      const length = row.entries.readUInt16BE(at);
      const leaf = sha256(0, row.entries.subarray(at + 2, at + 2 + length));
      if (!leaf.equals(row.leaf_hashes.subarray(entries * 32, entries * 32 + 32)))
        findings.push(`entry ${leaves.length} does not hash to its stored leaf`);
      leaves.push(leaf);
      at += 2 + length;
    }
    if (entries !== row.entry_count)
      findings.push(`the batch at ${row.first_index} holds ${entries} entries, not ${row.entry_count}`);
  }
  return leaves;
}

async function auditStages(site: Site, tree: PlainTree, findings: string[]): Promise<void> {
  const [row] = await site.read<{ next: string; size: string; root: string; signed: string; signed_root: string }>(
    `SELECT next_index AS next, log_tree.size, encode(log_tree.root, 'hex') AS root, log_checkpoint.size AS signed,
            encode(log_checkpoint.root, 'hex') AS signed_root
     FROM log_sequence JOIN log_tree USING (log) JOIN log_checkpoint USING (log)`,
  );
  if (row === undefined) return;
  if (Number(row.next) !== tree.size)
    findings.push(`the sequence stands at ${row.next}, ${tree.size} entries are stored`);
  if (tree.root(Number(row.size)) !== row.root) findings.push(`the tree's root at size ${row.size} is another`);
  if (Number(row.signed) > 0 && tree.root(Number(row.signed)) !== row.signed_root)
    findings.push(`the root last signed, at size ${row.signed}, is another`);
}

async function auditTiles(site: Site, tree: PlainTree, findings: string[]): Promise<void> {
  const rows = await site.read<{ level: number; n: string; hashes: Buffer }>('SELECT level, n, hashes FROM tile');
  const [head] = await site.read<{ size: string }>('SELECT size FROM log_tree');
  let stored = 0;
  for (const { level, n, hashes } of rows) {
    const from = Number(n) * TILE_WIDTH;
    const expected = Buffer.concat((tree.levels[level * TILE_HEIGHT] ?? []).slice(from, from + hashes.length / 32));
    if (!expected.equals(hashes)) findings.push(`tile ${level}/${n} holds other hashes`);
    if (level === 0) stored += hashes.length / 32;
  }
  if (stored !== Number(head?.size))
    findings.push(`the lowest tiles hold ${stored} hashes, the tree has ${head?.size}`);
}

async function auditCheckpoints(site: Site, tree: PlainTree, witness: Witness, findings: string[]): Promise<void> {
  const rows = await site.read<{ size: string; root: string; note: string; verifier_key: string; origin: string }>(
    `SELECT size, encode(root, 'hex') AS root, note, verifier_key, origin FROM checkpoint JOIN log ON log.id = checkpoint.log`,
  );
  const stored = new Map<string, string>();
  for (const { size, root, note, verifier_key: key, origin } of rows) {
    stored.set(size, note);
    if (tree.root(Number(size)) !== root) findings.push(`checkpoint ${size} has another root than the tree`);
    const [text, signature] = [note.slice(0, note.indexOf('\n\n') + 1), note.slice(note.indexOf('\n\n') + 2)];
    if (text !== `${origin}\n${size}\n${Buffer.from(root, 'hex').toString('base64')}\n`)
      findings.push(`the note of checkpoint ${size} says something else`);
    if (!isSigned(text, signature, key)) findings.push(`the note of checkpoint ${size} is not signed by the log's key`);
  }
  for (const [size, notes] of witness.notes) {
    if (notes.size > 1) findings.push(`${notes.size} different checkpoints of size ${size} were shown`);
    if (![...notes].every((note) => note === stored.get(size)))
      findings.push(`a checkpoint of size ${size} was shown that is not the stored one`);
  }
}

/** A signed note has `— name base64(key hash, signature)`; the key is `name+hash+base64(0x01, public key)`. */
function isSigned(text: string, signature: string, verifierKey: string): boolean {
  const octets = Buffer.from(signature.trimEnd().split(' ').at(-1) ?? '', 'base64').subarray(4);
  const publicKey = Buffer.from(
    verifierKey.slice(verifierKey.indexOf('+', verifierKey.indexOf('+') + 1) + 1),
    'base64',
  );
  const key = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey.subarray(1)]),
    format: 'der',
    type: 'spki',
  });
  return verify(null, Buffer.from(text), key, octets);
}

async function auditVersions(
  site: Site,
  leaves: readonly Buffer[],
  witness: Witness,
  findings: string[],
): Promise<void> {
  const rows = await site.read<{ name: string; seq: string; index: string; leaf: string; head_seq: string }>(
    `SELECT record_id || ' ' || version_id AS name, seq, index, encode(leaf_hash, 'hex') AS leaf, head_seq
     FROM version JOIN record ON record.id = version.record`,
  );
  const found = new Map(rows.map((row) => [row.name, row]));
  if (found.size !== rows.length) findings.push('a version is in twice');
  if (new Set(rows.map(({ index }) => index)).size !== rows.length) findings.push('two versions have one index');
  for (const { name, index, leaf, seq, head_seq: head } of rows) {
    if (leaves[Number(index)]?.toString('hex') !== leaf) findings.push(`version ${name} is not the entry at ${index}`);
    if (BigInt(seq) > BigInt(head)) findings.push(`version ${name} is newer than its record's head`);
  }
  for (const [name, receipt] of witness.receipts) {
    const row = found.get(name);
    if (row === undefined) findings.push(`version ${name} was acknowledged and is gone`);
    else if (row.index !== receipt.index || row.leaf !== receipt.leafHash)
      findings.push(`version ${name} was acknowledged at ${receipt.index} and is at ${row.index}`);
  }
}

/** What the chain says must be in our tree, and what we call held must be what the chain says. */
async function auditAnchors(site: Site, tree: PlainTree, findings: string[]): Promise<void> {
  const contract = new Contract(getAddress(site.chain.contract), EVENT, site.chain.provider);
  const events = await contract.queryFilter(contract.getEvent('HeadAnchored'), 0, 'latest');
  const onChain = new Map<string, string>();
  for (const event of events) {
    const { size, root } = (contract.interface.parseLog(event)?.args ?? {}) as unknown as {
      size: bigint;
      root: string;
    };
    onChain.set(event.transactionHash, `${size} ${root} ${event.blockNumber}`);
    if (tree.root(Number(size)) !== root.slice(2))
      findings.push(`the chain holds a root of size ${size} that is not ours`);
  }
  const held = await site.read<{ transaction: string; said: string }>(
    `SELECT transaction, size || ' 0x' || encode(root, 'hex') || ' ' || block_number AS said FROM anchor
     WHERE state IN ('anchored', 'confirmed')`,
  );
  for (const { transaction, said } of held)
    if (onChain.get(transaction) !== said)
      findings.push(`anchor ${said} is claimed, the chain says ${onChain.get(transaction) ?? 'nothing'}`);
}

function sha256(prefix: number, ...parts: readonly Uint8Array[]): Buffer {
  return hash('sha256', Buffer.concat([Uint8Array.of(prefix), ...parts]), 'buffer');
}

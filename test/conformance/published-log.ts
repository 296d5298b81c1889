// Collects into a folder what a running log publishes over HTTP, as test/conformance/go/main.go wants to find it.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { tilePath, tileWidth, parseCheckpoint, parseNote } from '@medanchor/verifier';
import { Interface } from 'ethers';
import { anchorRegistryAbi } from '../../contracts/generated/anchor-registry.ts';
import type { Version } from '../flow/support/record-system.ts';
import type { RunningService, Site } from '../flow/support/site.ts';

/** @param proofsOf the versions whose inclusion proofs are wanted */
export async function publish(
  site: Site,
  { api }: RunningService,
  proofsOf: readonly Version[],
  folder: string,
): Promise<void> {
  const write = (name: string, content: string | Uint8Array): void => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  const fetched = async (url: string): Promise<Buffer> => {
    const { status, bytes } = await api.octets(url);
    if (status !== 200) throw new Error(`${url}: ${status} ${bytes.toString()}`);
    return bytes;
  };
  write('vkey', `${(await api.log()).verifierKey}\n`);
  const checkpoint = (await fetched('/checkpoint')).toString();
  write('checkpoint', checkpoint);

  const { size } = parseCheckpoint(parseNote(checkpoint).text);
  for (let level = 0; size >> BigInt(8 * level) > 0n; level += 1) {
    for (let index = 0n; tileWidth(level, index, size) > 0; index += 1n) {
      const width = tileWidth(level, index, size);
      const name = tilePath({ level, index, width });
      write(name, await fetched(`/${name}`));
      if (level > 0) continue;
      const entries = tilePath({ level: 'entries', index, width });
      write(entries, await fetched(`/${entries}`));
    }
  }

  for (const { source, recordId, versionId } of proofsOf) {
    const url = `/v1/records/${source}/${encodeURIComponent(recordId)}/versions/${versionId}/proof?format=tlog-proof`;
    write(`proofs/${recordId.replace('/', '-')}-${versionId}.tlog-proof`, await fetched(url));
  }
  write('consistency.json', JSON.stringify(await sentProofs(site, await api.anchors())));
}

/** The consistency proofs as they stand in the transactions that the contract accepted. */
async function sentProofs(site: Site, newestFirst: readonly { transaction: string }[]): Promise<readonly object[]> {
  const contract = new Interface(anchorRegistryAbi);
  const calls: { size: string; root: string; proof: readonly string[] }[] = [];
  for (const { transaction } of [...newestFirst].reverse()) {
    const sent = await site.chain.provider.getTransaction(transaction);
    const call = sent === null ? null : contract.parseTransaction(sent);
    if (call?.name !== 'anchor') throw new Error(`${transaction} is no anchor`);
    const [, size, root, proof] = call.args as unknown as [string, bigint, string, string[]];
    calls.push({ size: size.toString(), root: root.slice(2), proof: proof.map((hash) => hash.slice(2)) });
  }
  return calls.slice(1).map(({ size, root, proof }, at) => ({
    oldSize: calls[at]?.size,
    oldRoot: calls[at]?.root,
    newSize: size,
    newRoot: root,
    proof,
  }));
}

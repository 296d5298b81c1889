// Size and root of the log from the stored entries alone: no stored hash, counter, tile or checkpoint takes part. What a
// restored database is compared with the chain by, before anything is served from it.
import { InvariantError, leafHash } from '@medanchor/verifier';
import { type TreeHead } from '../model.ts';
import { type FsckSource } from '../store/fsck-source.port.ts';
import { entryPages } from './entry-pages.ts';
import { TreeRebuild } from './tree-rebuild.ts';

/** In order, in whatever portions; memory does not grow with their number. */
export async function headOfEntries(portions: AsyncIterable<readonly Uint8Array[]>): Promise<TreeHead> {
  const tree = new TreeRebuild();
  for await (const entries of portions) for (const entry of entries) tree.append(leafHash(entry));
  return { size: tree.size, root: tree.root() };
}

/**
 * Octets of every entry that is stored, in order.
 *
 * @throws {InvariantError} naming the entries that are missing or cannot be read
 */
export async function* storedEntries(source: FsckSource): AsyncGenerator<readonly Uint8Array[]> {
  const { stored } = await source.bounds();
  for await (const { entries, findings } of entryPages(source, 0n, stored)) {
    const [first] = findings;
    if (first !== undefined) throw new InvariantError(first.detail);
    yield (entries ?? []).flatMap(({ octets }) => (octets === undefined ? [] : [octets]));
  }
}

// What a run remembers, so that it can be gone on with and the next incremental one knows where to begin: how far it has
// come, and the edge of the rebuilt tree there.
//
// The memory lies in the same database as what is swept, so whoever can change entries can change it too, and could make
// the next sweep leave them out. Therefore it is sealed: the key provider wraps a hash of it in a context that names the
// log, the run and its start. Without the key-encryption key nobody can make a seal, and a memory without a true seal is
// not used: the sweep then begins at the first entry.
import { createHash } from 'node:crypto';
import { edgeTiles, equalBytes, type Tile } from '@medanchor/verifier';
import { type KeyProvider } from '../../platform/keys/key-provider.port.ts';
import { type FsckMemory, type FsckPhase, type FsckRun } from '../store/fsck-run-store.port.ts';

const HASH = 32;

export interface Remembered {
  readonly phase: FsckPhase;
  readonly cursor: bigint;
  readonly size: bigint;
  readonly edge: readonly Tile[];
}

type RunName = Pick<FsckRun, 'id' | 'mode' | 'startedAt' | 'fromSize'>;

export class RunMemory {
  readonly #keys: KeyProvider;
  readonly #origin: string;

  constructor(keys: KeyProvider, origin: string) {
    this.#keys = keys;
    this.#origin = origin;
  }

  async seal(run: RunName, { phase, cursor, size, edge }: Remembered): Promise<FsckMemory> {
    const octets = Buffer.concat(edge.map(({ data }) => data));
    const memory = { phase, cursor, treeSize: size, edge: octets };
    const [seal] = await this.#keys.wrap([{ key: digestOf(memory), context: this.#context(run) }]);
    return { ...memory, seal: seal as Uint8Array };
  }

  /** null when the memory is not the one that was sealed for this run. */
  async open(run: RunName, memory: FsckMemory): Promise<Remembered | null> {
    const [digest] = await this.#keys.unwrap([{ wrapped: memory.seal, context: this.#context(run) }]);
    if (!(digest instanceof Uint8Array) || !equalBytes(digest, digestOf(memory))) return null;
    let at = 0;
    const edge = edgeTiles(memory.treeSize).map(({ level, index, width }) => {
      const data = Uint8Array.from(memory.edge.subarray(at, at + width * HASH));
      at += width * HASH;
      return { level, index, data };
    });
    return { phase: memory.phase, cursor: memory.cursor, size: memory.treeSize, edge };
  }

  #context({ id, mode, startedAt, fromSize }: RunName): string {
    return `medanchor/fsck-memory/1:${id}:${mode}:${startedAt.toISOString()}:${fromSize}:${this.#origin}`;
  }
}

function digestOf({ phase, cursor, treeSize, edge }: Omit<FsckMemory, 'seal'>): Uint8Array {
  // Neither of the first three holds a colon, and the edge comes last.
  return createHash('sha256').update(`${phase}:${cursor}:${treeSize}:`).update(edge).digest();
}

// C2SP tlog-tiles read API: GET /checkpoint, /tile/<L>/<N>[.p/<W>], /tile/entries/<N>[.p/<W>].
//
// Everything but the checkpoint is immutable and carries long cache headers. Nothing beyond the latest checkpoint is
// served: a tile of a tree that is not signed yet is nobody's business.
import { Controller, Get, Header, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { formatEntryBundle, InvariantError, parseTilePath, VerifyError, type TilePath } from '@medanchor/verifier';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { CONFIG } from '../../platform/config/config.module.ts';
import { type Config } from '../../platform/config/config.schema.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { noQuery } from '../../platform/http/schemas.ts';
import { EntryStore } from '../store/entry-store.port.ts';
import { TreeStore } from '../store/tree-store.port.ts';

const IMMUTABLE = 'public, max-age=31536000, immutable';
const TILE_WIDTH = 256;

@ApiTags('log')
@Controller()
export class TilesController {
  readonly #trees: TreeStore;
  readonly #entries: EntryStore;
  readonly #config: Config;

  constructor(
    @Inject(TreeStore) trees: TreeStore,
    @Inject(EntryStore) entries: EntryStore,
    @Inject(CONFIG) config: Config,
  ) {
    this.#trees = trees;
    this.#entries = entries;
    this.#config = config;
  }

  @Get('checkpoint')
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The latest signed checkpoint (C2SP tlog-checkpoint)' })
  @ApiProduces('text/plain')
  @ApiResponse({ status: 200, description: 'A signed note', schema: { type: 'string' } })
  async checkpoint(@Query({ schema: noQuery }) _query: unknown): Promise<string> {
    const latest = await this.#trees.latestCheckpoint();
    if (latest === null) throw new DomainError('not-found', 'no checkpoint is signed yet: the log is empty');
    return latest.note;
  }

  @Get('tile/*')
  @ApiOperation({
    summary: 'A hash tile or an entry bundle (C2SP tlog-tiles)',
    description: '`/tile/<L>/<N>[.p/<W>]` or `/tile/entries/<N>[.p/<W>]`',
  })
  @ApiProduces('application/octet-stream')
  @ApiResponse({ status: 200, description: 'Octets, immutable' })
  async tile(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    const path = parsePath(request.url.slice(1));
    const bytes =
      path.level === 'entries'
        ? await this.#entryBundle(path.index, path.width)
        : await this.#hashTile(path.level, path.index, path.width);
    void reply.header('content-type', 'application/octet-stream').header('cache-control', IMMUTABLE);
    return bytes;
  }

  async #hashTile(level: number, index: bigint, width: number): Promise<Buffer> {
    const size = (await this.#trees.latestCheckpoint())?.size ?? 0n;
    // Hashes of this tile that lie within the signed tree.
    const available = (size >> BigInt(8 * level)) - index * BigInt(TILE_WIDTH);
    const hashes = available < BigInt(width) ? null : await this.#trees.tile(level, index);
    if (hashes === null)
      throw new DomainError('not-found', `no checkpoint has been signed over tile ${level}/${index} of width ${width}`);
    return Buffer.from(hashes.subarray(0, width * 32));
  }

  async #entryBundle(index: bigint, width: number): Promise<Buffer> {
    if (this.#config.ENTRY_BUNDLES !== 'public') {
      throw new DomainError('entries-not-public', 'hash tiles are public, entry bundles are not (ENTRY_BUNDLES)');
    }
    const from = index * BigInt(TILE_WIDTH);
    const to = from + BigInt(width);
    const size = (await this.#trees.latestCheckpoint())?.size ?? 0n;
    if (to > size)
      throw new DomainError('not-found', `the latest checkpoint has size ${size}: entry ${to - 1n} is not covered`);
    const entries = await this.#entries.readEntries(from, to);
    // A bundle that silently lacks an entry would shift all that follow.
    if (entries.length !== width) throw new InvariantError(`entries ${from} to ${to - 1n} are not all there any more`);
    return Buffer.from(formatEntryBundle(entries));
  }
}

function parsePath(text: string): TilePath {
  try {
    // With its query, if there is one: a tile has no parameters.
    return parseTilePath(text);
  } catch (error) {
    if (error instanceof VerifyError) throw new DomainError('bad-request', error.message, {}, { cause: error });
    throw error;
  }
}

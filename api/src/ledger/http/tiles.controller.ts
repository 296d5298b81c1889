// C2SP tlog-tiles read API: GET /checkpoint, /tile/<L>/<N>[.p/<W>], /tile/entries/<N>[.p/<W>].
//
// Everything but the checkpoint is immutable and carries long cache headers. Nothing beyond the latest checkpoint is
// served: a tile of a tree that is not signed yet is nobody's business.
import { Controller, Get, Header, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { formatEntryBundle, InvariantError, parseTilePath, VerifyError, type TilePath } from '@medanchor/verifier';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Public, RequiresUnless } from '../../platform/auth/access.decorators.ts';
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

  constructor(@Inject(TreeStore) trees: TreeStore, @Inject(EntryStore) entries: EntryStore) {
    this.#trees = trees;
    this.#entries = entries;
  }

  @Get('checkpoint')
  @Public('a signed head that is meant to be passed on')
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
  @Public('hashes of salted commitments, from which anybody can check the log')
  @ApiOperation({ summary: 'A hash tile (C2SP tlog-tiles)', description: '`/tile/<L>/<N>[.p/<W>]`' })
  @ApiProduces('application/octet-stream')
  @ApiResponse({ status: 200, description: 'Octets, immutable' })
  async tile(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    const { level, index, width } = parsePath(request.url.slice(1));
    // Whatever an address may look like that is not routed below: entries are given out there and nowhere else.
    if (level === 'entries') throw new DomainError('not-found', 'entry bundles are at /tile/entries/');
    const bytes = await this.#hashTile(level, index, width);
    void reply.header('content-type', 'application/octet-stream').header('cache-control', IMMUTABLE);
    return bytes;
  }

  @Get('tile/entries/*')
  @RequiresUnless('entries.read', (config) => config.ENTRY_BUNDLES === 'public')
  @ApiOperation({
    summary: 'An entry bundle (C2SP tlog-tiles)',
    description: '`/tile/entries/<N>[.p/<W>]`. With ENTRY_BUNDLES=public no token is needed.',
  })
  @ApiProduces('application/octet-stream')
  @ApiResponse({ status: 200, description: 'Octets, immutable' })
  async entries(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    const { index, width } = parsePath(request.url.slice(1));
    const bytes = await this.#entryBundle(index, width);
    // A shared cache must not give to others what needed a token.
    const scope = request.headers.authorization === undefined ? IMMUTABLE : IMMUTABLE.replace('public', 'private');
    void reply.header('content-type', 'application/octet-stream').header('cache-control', scope);
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

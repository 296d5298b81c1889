// GET /v1/anchors, /v1/anchors/{size}: every anchor with its transaction, block, gas and state.
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { toHex } from '@medanchor/verifier';
import { z } from 'zod';
import { Public } from '../../platform/auth/access.decorators.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { decimal, noQuery } from '../../platform/http/schemas.ts';
import { nextOf } from '../../platform/http/page.ts';
import { ChainMonitor } from '../chain/chain-monitor.ts';
import { type Anchor, type Epoch } from '../model.ts';
import { AnchorStore } from '../store/anchor-store.port.ts';

export const anchorSchema = z
  .strictObject({
    id: z.string(),
    epoch: z.int(),
    chainId: z.string(),
    contract: z.string(),
    size: z.string(),
    root: z.string(),
    transaction: z.string(),
    state: z.enum(['sent', 'anchored', 'confirmed', 'dropped', 'failed']),
    visible: z.boolean().describe('false while the chain is not seen to be the one that this anchor is on'),
    block: z.string().nullable(),
    blockHash: z.string().nullable(),
    blockTime: z.string().nullable(),
    gasUsed: z.string().nullable(),
    sentAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Anchor' });

const pageSchema = z.strictObject({
  before: decimal('an anchor id').optional(),
  limit: decimal('a number').pipe(z.bigint().min(1n).max(500n)).optional(),
});

const sizeSchema = z.strictObject({ size: decimal('a log size') });

@ApiTags('anchors')
@Controller('v1/anchors')
export class AnchorsController {
  readonly #anchors: AnchorStore;
  readonly #monitor: ChainMonitor;

  constructor(@Inject(AnchorStore) anchors: AnchorStore, @Inject(ChainMonitor) monitor: ChainMonitor) {
    this.#anchors = anchors;
    this.#monitor = monitor;
  }

  @Get()
  @Public('anchors are on a chain that everybody can read')
  @ApiOperation({ summary: 'Anchors, newest first', description: 'Page with `before` = the last `id` seen.' })
  @ApiResponse({
    status: 200,
    standardSchema: z.strictObject({ anchors: z.array(anchorSchema), next: z.string().nullable() }),
  })
  async list(@Query({ schema: pageSchema }) query: z.output<typeof pageSchema>): Promise<unknown> {
    const limit = Number(query.limit ?? 100n);
    const rows = await this.#anchors.list(query.before ?? null, limit);
    const epochs = await this.#epochs();
    return {
      anchors: rows.map((row) => this.#view(row, epochs)),
      next: nextOf(rows, limit, ({ id }) => id.toString()),
    };
  }

  @Get(':size')
  @Public('anchors are on a chain that everybody can read')
  @ApiOperation({ summary: 'The anchors of one log size (several when one was dropped and sent again)' })
  @ApiResponse({ status: 200, standardSchema: z.strictObject({ anchors: z.array(anchorSchema) }) })
  async bySize(
    @Param({ schema: sizeSchema }) { size }: z.output<typeof sizeSchema>,
    @Query({ schema: noQuery }) _query: unknown,
  ): Promise<unknown> {
    const rows = await this.#anchors.bySize(size);
    if (rows.length === 0)
      throw new DomainError('unknown-anchor', `no anchor of size ${size}: see GET /v1/anchors for those that exist`);
    const epochs = await this.#epochs();
    return { anchors: rows.map((row) => this.#view(row, epochs)) };
  }

  async #epochs(): Promise<ReadonlyMap<number, Epoch>> {
    return new Map((await this.#anchors.epochs()).map((epoch) => [epoch.epoch, epoch]));
  }

  #view(anchor: Anchor, epochs: ReadonlyMap<number, Epoch>): z.output<typeof anchorSchema> {
    const epoch = epochs.get(anchor.epoch);
    return {
      id: anchor.id.toString(),
      epoch: anchor.epoch,
      chainId: epoch?.chainId.toString() ?? '',
      contract: epoch?.contract ?? '',
      size: anchor.size.toString(),
      root: toHex(anchor.root),
      transaction: anchor.transaction,
      state: anchor.state,
      visible: this.#monitor.anchorsVisible && anchor.epoch === this.#monitor.current.epoch,
      block: anchor.blockNumber?.toString() ?? null,
      blockHash: anchor.blockHash,
      blockTime: anchor.blockTime?.toISOString() ?? null,
      gasUsed: anchor.gasUsed?.toString() ?? null,
      sentAt: anchor.sentAt.toISOString(),
      updatedAt: anchor.updatedAt.toISOString(),
    };
  }
}

// GET /v1/log: what an auditor needs to know to check this log without trusting it. GET /v1/alarms: what went wrong.
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { toHex } from '@medanchor/verifier';
import { z } from 'zod';
import { Caller, Public, Requires } from '../../platform/auth/access.decorators.ts';
import { OPERATOR_TENANT, type Principal } from '../../platform/auth/principal.ts';
import { noQuery } from '../../platform/http/schemas.ts';
import { ChainMonitor } from '../chain/chain-monitor.ts';
import { LedgerService } from '../ledger.service.ts';
import { LOG_IDENTITY, type LogIdentity } from '../log-identity.ts';
import { AnchorStore } from '../store/anchor-store.port.ts';
import { RecordStore } from '../store/record-store.port.ts';

const logSchema = z
  .strictObject({
    origin: z.string(),
    verifierKey: z.string().describe('C2SP verifier key of the checkpoints'),
    logId: z.string().describe('SHA-256 of the origin, as in the contract'),
    chainId: z.string(),
    contract: z.string(),
    chain: z.strictObject({
      state: z.string(),
      detail: z.string(),
      block: z.string().nullable(),
      seenAt: z.string().nullable(),
    }),
    sizes: z.strictObject({
      sequenced: z.string(),
      integrated: z.string(),
      checkpointed: z.string(),
      anchored: z.string(),
      confirmed: z.string(),
    }),
    epochs: z.array(
      z.strictObject({
        epoch: z.int(),
        chainId: z.string(),
        contract: z.string(),
        reason: z.string(),
        startedAt: z.string(),
      }),
    ),
  })
  .meta({ id: 'Log' });

const alarmSchema = z
  .strictObject({ id: z.string(), kind: z.string(), detail: z.string(), raisedAt: z.string() })
  .meta({ id: 'IntegrityAlarm' });

@ApiTags('log')
@Controller('v1')
export class LogController {
  readonly #log: LogIdentity;
  readonly #ledger: LedgerService;
  readonly #anchors: AnchorStore;
  readonly #records: RecordStore;
  readonly #monitor: ChainMonitor;

  constructor(
    @Inject(LOG_IDENTITY) log: LogIdentity,
    @Inject(LedgerService) ledger: LedgerService,
    @Inject(AnchorStore) anchors: AnchorStore,
    @Inject(RecordStore) records: RecordStore,
    @Inject(ChainMonitor) monitor: ChainMonitor,
  ) {
    this.#log = log;
    this.#ledger = ledger;
    this.#anchors = anchors;
    this.#records = records;
    this.#monitor = monitor;
  }

  @Get('log')
  @Public('what an auditor must know to check the log without trusting it')
  @ApiOperation({ summary: 'The log: its name, keys, contract, and how far each stage has come' })
  @ApiResponse({ status: 200, standardSchema: logSchema })
  async log(@Query({ schema: noQuery }) _query: unknown): Promise<z.output<typeof logSchema>> {
    const { code, detail, blockNumber, seenAt } = this.#monitor.current;
    const sizes = await this.#ledger.sizes();
    const epochs = await this.#anchors.epochs();
    return {
      origin: this.#log.origin,
      verifierKey: this.#log.verifierKey,
      logId: toHex(this.#log.logId),
      chainId: this.#log.chainId.toString(),
      contract: this.#log.contract,
      chain: { state: code, detail, block: blockNumber?.toString() ?? null, seenAt: seenAt?.toISOString() ?? null },
      sizes: {
        sequenced: sizes.sequenced.toString(),
        integrated: sizes.integrated.toString(),
        checkpointed: sizes.checkpointed.toString(),
        anchored: sizes.anchored.toString(),
        confirmed: sizes.confirmed.toString(),
      },
      epochs: epochs.map((epoch) => ({
        epoch: epoch.epoch,
        chainId: epoch.chainId.toString(),
        contract: epoch.contract,
        reason: epoch.reason,
        startedAt: epoch.createdAt.toISOString(),
      })),
    };
  }

  @Get('alarms')
  @Requires('alarm.read')
  @ApiOperation({
    summary: 'Integrity alarms, newest first (the last 100)',
    description:
      'Those of the records of your tenant; for the operator’s tenant also those that concern the log as a whole.',
  })
  @ApiResponse({ status: 200, standardSchema: z.strictObject({ alarms: z.array(alarmSchema) }) })
  async alarms(
    @Caller() { tenant }: Principal,
    @Query({ schema: noQuery }) _query: unknown,
  ): Promise<{ alarms: z.output<typeof alarmSchema>[] }> {
    const alarms = await this.#records.alarms(100, { tenantId: tenant.id, logWide: tenant.name === OPERATOR_TENANT });
    return {
      alarms: alarms.map(({ id, kind, detail, raisedAt }) => ({
        id: id.toString(),
        kind,
        detail,
        raisedAt: raisedAt.toISOString(),
      })),
    };
  }
}

import { z } from 'zod';
import { ChainMonitor } from '../chain/chain-monitor.ts';
import { LedgerService } from '../ledger.service.ts';
import { type LogIdentity } from '../log-identity.ts';
import { AnchorStore } from '../store/anchor-store.port.ts';
import { RecordStore } from '../store/record-store.port.ts';
declare const logSchema: z.ZodObject<{
    origin: z.ZodString;
    verifierKey: z.ZodString;
    logId: z.ZodString;
    chainId: z.ZodString;
    contract: z.ZodString;
    chain: z.ZodObject<{
        state: z.ZodString;
        detail: z.ZodString;
        block: z.ZodNullable<z.ZodString>;
        seenAt: z.ZodNullable<z.ZodString>;
    }, z.core.$strict>;
    sizes: z.ZodObject<{
        sequenced: z.ZodString;
        integrated: z.ZodString;
        checkpointed: z.ZodString;
        anchored: z.ZodString;
        confirmed: z.ZodString;
    }, z.core.$strict>;
    epochs: z.ZodArray<z.ZodObject<{
        epoch: z.ZodInt;
        chainId: z.ZodString;
        contract: z.ZodString;
        reason: z.ZodString;
        startedAt: z.ZodString;
    }, z.core.$strict>>;
}, z.core.$strict>;
declare const alarmSchema: z.ZodObject<{
    id: z.ZodString;
    kind: z.ZodString;
    detail: z.ZodString;
    raisedAt: z.ZodString;
}, z.core.$strict>;
export declare class LogController {
    #private;
    constructor(log: LogIdentity, ledger: LedgerService, anchors: AnchorStore, records: RecordStore, monitor: ChainMonitor);
    log(): Promise<z.output<typeof logSchema>>;
    alarms(): Promise<{
        alarms: z.output<typeof alarmSchema>[];
    }>;
}
export {};

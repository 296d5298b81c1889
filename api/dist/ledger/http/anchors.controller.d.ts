import { z } from 'zod';
import { ChainMonitor } from '../chain/chain-monitor.ts';
import { AnchorStore } from '../store/anchor-store.port.ts';
export declare const anchorSchema: z.ZodObject<{
    id: z.ZodString;
    epoch: z.ZodInt;
    chainId: z.ZodString;
    contract: z.ZodString;
    size: z.ZodString;
    root: z.ZodString;
    transaction: z.ZodString;
    state: z.ZodEnum<{
        anchored: "anchored";
        confirmed: "confirmed";
        dropped: "dropped";
        failed: "failed";
        sent: "sent";
    }>;
    visible: z.ZodBoolean;
    block: z.ZodNullable<z.ZodString>;
    blockHash: z.ZodNullable<z.ZodString>;
    blockTime: z.ZodNullable<z.ZodString>;
    gasUsed: z.ZodNullable<z.ZodString>;
    sentAt: z.ZodString;
    updatedAt: z.ZodString;
}, z.core.$strict>;
declare const pageSchema: z.ZodObject<{
    before: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<bigint, string>>>;
    limit: z.ZodOptional<z.ZodPipe<z.ZodPipe<z.ZodString, z.ZodTransform<bigint, string>>, z.ZodBigInt>>;
}, z.core.$strict>;
declare const sizeSchema: z.ZodObject<{
    size: z.ZodPipe<z.ZodString, z.ZodTransform<bigint, string>>;
}, z.core.$strict>;
export declare class AnchorsController {
    #private;
    constructor(anchors: AnchorStore, monitor: ChainMonitor);
    list(query: z.output<typeof pageSchema>): Promise<unknown>;
    bySize({ size }: z.output<typeof sizeSchema>): Promise<unknown>;
}
export {};

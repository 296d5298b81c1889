import { z } from 'zod';
export declare const ACTIVITIES: readonly ['create', 'update', 'delete', 'import'];
export declare const STATE_NAMES: readonly ['sequenced', 'integrated', 'checkpointed', 'anchored', 'confirmed'];
export declare const recordParams: z.ZodObject<{
    source: z.ZodString;
    recordId: z.ZodString;
}, z.core.$strict>;
export declare const versionParams: z.ZodObject<{
    source: z.ZodString;
    recordId: z.ZodString;
    versionId: z.ZodString;
}, z.core.$strict>;
export declare const submitQuery: z.ZodObject<{
    versionId: z.ZodString;
    activity: z.ZodOptional<z.ZodEnum<{
        create: "create";
        delete: "delete";
        import: "import";
        update: "update";
    }>>;
    fields: z.ZodOptional<z.ZodEnum<{
        off: "off";
        on: "on";
    }>>;
    wait: z.ZodOptional<z.ZodEnum<{
        anchored: "anchored";
        checkpointed: "checkpointed";
        confirmed: "confirmed";
        integrated: "integrated";
        sequenced: "sequenced";
    }>>;
    timeoutMs: z.ZodOptional<z.ZodPipe<z.ZodPipe<z.ZodString, z.ZodTransform<bigint, string>>, z.ZodBigInt>>;
}, z.core.$strict>;
export declare const verifyQuery: z.ZodObject<{
    versionId: z.ZodOptional<z.ZodString>;
}, z.core.$strict>;
export declare const historyQuery: z.ZodObject<{
    after: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<bigint, string>>>;
    limit: z.ZodOptional<z.ZodPipe<z.ZodPipe<z.ZodString, z.ZodTransform<bigint, string>>, z.ZodBigInt>>;
}, z.core.$strict>;
export declare const proofQuery: z.ZodObject<{
    format: z.ZodOptional<z.ZodEnum<{
        bundle: "bundle";
        "tlog-proof": "tlog-proof";
    }>>;
}, z.core.$strict>;
export declare const discloseQuery: z.ZodObject<{
    disclose: z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>]>;
}, z.core.$strict>;
export declare const batchQuery: z.ZodObject<{
    source: z.ZodOptional<z.ZodString>;
    versionId: z.ZodOptional<z.ZodString>;
    activity: z.ZodOptional<z.ZodEnum<{
        create: "create";
        delete: "delete";
        import: "import";
        update: "update";
    }>>;
    fields: z.ZodOptional<z.ZodEnum<{
        off: "off";
        on: "on";
    }>>;
}, z.core.$strict>;
export declare const verifyBatchQuery: z.ZodObject<{
    source: z.ZodOptional<z.ZodString>;
    versionId: z.ZodOptional<z.ZodString>;
}, z.core.$strict>;
/** One line of an `application/x-ndjson` batch. `content` is taken octet for octet as it stands in the line. */
export declare const envelopeSchema: z.ZodObject<{
    source: z.ZodString;
    recordId: z.ZodString;
    versionId: z.ZodOptional<z.ZodString>;
    activity: z.ZodOptional<z.ZodEnum<{
        create: "create";
        delete: "delete";
        import: "import";
        update: "update";
    }>>;
    mediaType: z.ZodOptional<z.ZodString>;
    fields: z.ZodOptional<z.ZodEnum<{
        off: "off";
        on: "on";
    }>>;
    content: z.ZodOptional<z.ZodUnknown>;
    contentBase64: z.ZodOptional<z.ZodString>;
}, z.core.$strict>;
export declare const versionSchema: z.ZodObject<{
    source: z.ZodString;
    recordId: z.ZodString;
    versionId: z.ZodString;
    seq: z.ZodString;
    index: z.ZodString;
    leafHash: z.ZodString;
    state: z.ZodEnum<{
        anchored: "anchored";
        checkpointed: "checkpointed";
        confirmed: "confirmed";
        integrated: "integrated";
        sequenced: "sequenced";
    }>;
    activity: z.ZodEnum<{
        create: "create";
        delete: "delete";
        import: "import";
        update: "update";
    }>;
    scheme: z.ZodString;
    mediaType: z.ZodString;
    recordedAt: z.ZodString;
}, z.core.$strict>;
export declare const receiptSchema: z.ZodObject<{
    source: z.ZodString;
    recordId: z.ZodString;
    versionId: z.ZodString;
    seq: z.ZodString;
    index: z.ZodString;
    leafHash: z.ZodString;
    state: z.ZodEnum<{
        anchored: "anchored";
        checkpointed: "checkpointed";
        confirmed: "confirmed";
        integrated: "integrated";
        sequenced: "sequenced";
    }>;
    activity: z.ZodEnum<{
        create: "create";
        delete: "delete";
        import: "import";
        update: "update";
    }>;
    scheme: z.ZodString;
    mediaType: z.ZodString;
    recordedAt: z.ZodString;
    origin: z.ZodString;
    entry: z.ZodRecord<z.ZodString, z.ZodUnknown>;
    proof: z.ZodString;
}, z.core.$strict>;
export declare const verdictSchema: z.ZodObject<{
    verdict: z.ZodNullable<z.ZodString>;
    flags: z.ZodArray<z.ZodString>;
    status: z.ZodString;
    outcome: z.ZodEnum<{
        altered: "altered";
        intact: "intact";
        unproven: "unproven";
    }>;
    reason: z.ZodString;
    checks: z.ZodArray<z.ZodObject<{
        name: z.ZodString;
        result: z.ZodEnum<{
            failed: "failed";
            passed: "passed";
            skipped: "skipped";
        }>;
        required: z.ZodBoolean;
        reason: z.ZodString;
        code: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>>;
    version: z.ZodNullable<z.ZodObject<{
        source: z.ZodString;
        recordId: z.ZodString;
        versionId: z.ZodString;
        seq: z.ZodString;
        index: z.ZodString;
        leafHash: z.ZodString;
        state: z.ZodEnum<{
            anchored: "anchored";
            checkpointed: "checkpointed";
            confirmed: "confirmed";
            integrated: "integrated";
            sequenced: "sequenced";
        }>;
        activity: z.ZodEnum<{
            create: "create";
            delete: "delete";
            import: "import";
            update: "update";
        }>;
        scheme: z.ZodString;
        mediaType: z.ZodString;
        recordedAt: z.ZodString;
    }, z.core.$strict>>;
    latest: z.ZodNullable<z.ZodObject<{
        versionId: z.ZodString;
        seq: z.ZodString;
    }, z.core.$strict>>;
    matches: z.ZodNullable<z.ZodObject<{
        versionId: z.ZodString;
        seq: z.ZodString;
        verdict: z.ZodString;
    }, z.core.$strict>>;
}, z.core.$strict>;
export declare const proofReportSchema: z.ZodObject<{
    verdict: z.ZodNullable<z.ZodString>;
    flags: z.ZodArray<z.ZodString>;
    status: z.ZodString;
    outcome: z.ZodEnum<{
        altered: "altered";
        intact: "intact";
        unproven: "unproven";
    }>;
    reason: z.ZodString;
    checks: z.ZodArray<z.ZodObject<{
        name: z.ZodString;
        result: z.ZodEnum<{
            failed: "failed";
            passed: "passed";
            skipped: "skipped";
        }>;
        required: z.ZodBoolean;
        reason: z.ZodString;
        code: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>>;
    subject: z.ZodObject<{
        kind: z.ZodString;
        index: z.ZodString;
        leafHash: z.ZodString;
        origin: z.ZodString;
        size: z.ZodString;
        root: z.ZodString;
        identity: z.ZodNullable<z.ZodObject<{
            source: z.ZodString;
            recordId: z.ZodString;
            versionId: z.ZodString;
        }, z.core.$strict>>;
        confirmations: z.ZodNullable<z.ZodString>;
    }, z.core.$strict>;
}, z.core.$strict>;

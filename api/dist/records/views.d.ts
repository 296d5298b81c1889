import { type VerificationReport } from '@medanchor/verifier';
import { type z } from 'zod';
import { type LedgerVerdict, type State, type StoredVersion } from '../ledger/index.ts';
import { type proofReportSchema, type receiptSchema, type verdictSchema, type versionSchema } from './records.schema.ts';
export interface RecordName {
    readonly source: string;
    readonly recordId: string;
}
export declare function versionView({ source, recordId }: RecordName, version: StoredVersion, state: State): z.output<typeof versionSchema>;
export declare function versionPath({ source, recordId }: RecordName, versionId: string): string;
export declare function receiptView(name: RecordName, version: StoredVersion, state: State, origin: string): z.output<typeof receiptSchema>;
export declare function verdictView(name: RecordName, result: LedgerVerdict | null, stateFor: (version: StoredVersion) => State): z.output<typeof verdictSchema>;
export declare function proofReportView(report: VerificationReport): z.output<typeof proofReportSchema>;

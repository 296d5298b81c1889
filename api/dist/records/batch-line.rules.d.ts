import { type Activity } from '@medanchor/verifier';
export interface BatchLine {
    readonly source: string;
    readonly recordId: string;
    readonly versionId: string | null;
    readonly activity: Activity | null;
    readonly fields: boolean | null;
    readonly mediaType: string;
    readonly content: Uint8Array | null;
}
export interface FhirLineDefaults {
    readonly source: string | undefined;
    readonly versionId: string | undefined;
    readonly activity: Activity | undefined;
    readonly fields: 'on' | 'off' | undefined;
}
/** @throws {DomainError} `line-malformed`, naming the member */
export declare function readEnvelope(line: Uint8Array): BatchLine;
/** A resource as a Bulk Data export prints it: the record is `Type/id`, the version `meta.versionId`. */
export declare function readFhirLine(line: Uint8Array, defaults: FhirLineDefaults): BatchLine;

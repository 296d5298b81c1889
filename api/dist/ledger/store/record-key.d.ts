/**
 * The context that a record's key is wrapped in (AES-GCM additional data): a wrapped key that is moved to another record,
 * source or tenant cannot be unwrapped there. Unambiguous, since ids are UUIDs and the record id comes last.
 */
export declare function recordKeyContext(tenantId: string, sourceId: string, recordId: string): string;

/** Injection token of the log's origin, shown in receipts. */
export const LOG_ORIGIN = Symbol('LOG_ORIGIN');
//# sourceMappingURL=records.tokens.js.map
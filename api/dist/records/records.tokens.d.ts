/** Injection token of the log's origin, shown in receipts. */
export declare const LOG_ORIGIN: unique symbol;

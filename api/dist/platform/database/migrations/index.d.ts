import { Ledger1764000000000 } from './1764000000000-ledger.ts';
/** In order. A migration that has been released is never edited. */
export declare const MIGRATIONS: (typeof Ledger1764000000000)[];

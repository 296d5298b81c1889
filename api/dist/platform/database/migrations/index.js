import { Ledger1764000000000 } from './1764000000000-ledger.js';
/** In order. A migration that has been released is never edited. */
export const MIGRATIONS = [Ledger1764000000000];
//# sourceMappingURL=index.js.map
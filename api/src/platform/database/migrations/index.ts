import { Ledger1764000000000 } from './1764000000000-ledger.ts';
import { AppendPath1764200000000 } from './1764200000000-append-path.ts';
import { Fsck1764300000000 } from './1764300000000-fsck.ts';
import { Provenance1764420000000 } from './1764420000000-provenance.ts';

/** In order. A migration that has been released is never edited. */
export const MIGRATIONS = [Ledger1764000000000, AppendPath1764200000000, Fsck1764300000000, Provenance1764420000000];

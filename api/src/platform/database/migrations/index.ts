import { Ledger1764000000000 } from './1764000000000-ledger.ts';
import { AppendPath1764200000000 } from './1764200000000-append-path.ts';
import { Fsck1764300000000 } from './1764300000000-fsck.ts';
import { Access1764400000000 } from './1764400000000-access.ts';
import { Issuer1764410000000 } from './1764410000000-issuer.ts';
import { Provenance1764420000000 } from './1764420000000-provenance.ts';
import { Keys1764430000000 } from './1764430000000-keys.ts';
import { Erasure1764440000000 } from './1764440000000-erasure.ts';
import { AccessLog1764450000000 } from './1764450000000-access-log.ts';
import { Passkeys1764470000000 } from './1764470000000-passkeys.ts';
import { BreakGlassReason1764480000000 } from './1764480000000-break-glass-reason.ts';
import { AccessPeriod1764490000000 } from './1764490000000-access-period.ts';
import { Device1764500000000 } from './1764500000000-device.ts';

/** In order. A migration that has been released is never edited. */
export const MIGRATIONS = [
  Ledger1764000000000,
  AppendPath1764200000000,
  Fsck1764300000000,
  Access1764400000000,
  Issuer1764410000000,
  Provenance1764420000000,
  Keys1764430000000,
  Erasure1764440000000,
  AccessLog1764450000000,
  Passkeys1764470000000,
  BreakGlassReason1764480000000,
  AccessPeriod1764490000000,
  Device1764500000000,
];

export { LedgerService, type Receipt } from './ledger.service.ts';
export { LedgerModule } from './ledger.module.ts';
export { EpochRefusedError, EpochService } from './anchor/epoch.service.ts';
export { type LocatedVersion } from './prove/bundle.service.ts';
export { type LedgerVerdict } from './prove/verify.service.ts';
export { ProofCheckService } from './prove/proof-check.service.ts';
export { stateOf, type SourceRef, type State, type StoredVersion } from './model.ts';

// The ledger's front door: records, identity and ISMS import from here and from nowhere else in this folder.
export { LedgerService, type Receipt } from './ledger.service.ts';
export { LedgerModule } from './ledger.module.ts';
export { EpochRefusedError, EpochService } from './anchor/epoch.service.ts';
export { FsckBusyError, FsckService } from './fsck/fsck.service.ts';
export { formatProgress, formatReport, jsonOfReport } from './fsck/print.ts';
export { FsckStoppedError } from './fsck/pace.ts';
export { type FsckProgress, type FsckReport } from './fsck/report.ts';
export { type FsckFinding } from './store/fsck-finding.ts';
export { type LocatedVersion } from './prove/bundle.service.ts';
export { type LedgerVerdict } from './prove/verify.service.ts';
export { ProofCheckService } from './prove/proof-check.service.ts';
export { stateOf, type SourceKey, type SourceRef, type State, type StoredVersion } from './model.ts';
export { type SourceCommitment } from './append/append.service.ts';
export { type PreparedVersion } from './append/prepare.service.ts';

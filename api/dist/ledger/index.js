// The ledger's front door: records, identity and ISMS import from here and from nowhere else in this folder.
export { LedgerService } from './ledger.service.js';
export { LedgerModule } from './ledger.module.js';
export { EpochRefusedError, EpochService } from './anchor/epoch.service.js';
export { ProofCheckService } from './prove/proof-check.service.js';
export { stateOf } from './model.js';
//# sourceMappingURL=index.js.map
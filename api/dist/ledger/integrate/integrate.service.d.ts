import { type Metrics } from '../../platform/metrics/metrics.ts';
import { type TreeStore } from '../store/tree-store.port.ts';
export declare class IntegrateService {
    #private;
    constructor(trees: TreeStore, metrics: Metrics);
    /** Runs until nothing is left; returns whether the tree grew. */
    run(): Promise<boolean>;
}

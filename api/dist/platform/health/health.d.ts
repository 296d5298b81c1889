/** `down` makes the service not ready. `degraded` is a thing to act on while requests are still served. */
export type PartStatus = 'up' | 'degraded' | 'down';
export interface PartHealth {
    readonly status: PartStatus;
    /** A stable word (`chain-mismatch`) when something is wrong. */
    readonly code?: string;
    /** For a person: what is wrong and what it means. No secrets. */
    readonly detail?: string;
    readonly [member: string]: unknown;
}
export interface HealthReport {
    readonly status: PartStatus;
    readonly parts: Readonly<Record<string, PartHealth>>;
}
export declare class Health {
    #private;
    register(part: string, check: () => Promise<PartHealth> | PartHealth): void;
    /** The worst part decides. A check that throws counts as down; its message is not shown (it may name internals). */
    report(): Promise<HealthReport>;
}

import { z } from 'zod';
export declare const configSchema: z.ZodObject<{
    DATABASE_URL: z.ZodString;
    DATABASE_POOL_SIZE: z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
    CHAIN_RPC_URL: z.ZodString;
    CHAIN_ID: z.ZodPipe<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>, z.ZodTransform<bigint, number>>;
    ANCHOR_CONTRACT: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
    ANCHOR_KEY_FILE: z.ZodString;
    CHECKPOINT_KEY_FILE: z.ZodString;
    KEK_FILE: z.ZodString;
    LOG_ORIGIN: z.ZodDefault<z.ZodString>;
    HOST: z.ZodDefault<z.ZodString>;
    PORT: z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
    LOG_LEVEL: z.ZodDefault<z.ZodEnum<{
        debug: "debug";
        error: "error";
        fatal: "fatal";
        info: "info";
        silent: "silent";
        trace: "trace";
        warn: "warn";
    }>>;
    SEQUENCER_BATCH_SIZE: z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
    SEQUENCER_MAX_WAIT_MS: z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
    SEQUENCER_MAX_IN_FLIGHT: z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
    INTEGRATE_INTERVAL_MS: z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
    CHECKPOINT_INTERVAL_MS: z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
    ANCHOR_INTERVAL_MS: z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
    ANCHOR_CONFIRMATIONS: z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
    CONFIRM_INTERVAL_MS: z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
    CHAIN_TIMEOUT_MS: z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
    BODY_LIMIT_BYTES: z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
    BATCH_MAX_LINES: z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
    BATCH_LINE_LIMIT_BYTES: z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
    FIELDS: z.ZodDefault<z.ZodEnum<{
        off: "off";
        on: "on";
    }>>;
    STAGES: z.ZodDefault<z.ZodEnum<{
        off: "off";
        on: "on";
    }>>;
    ENTRY_BUNDLES: z.ZodDefault<z.ZodEnum<{
        private: "private";
        public: "public";
    }>>;
}, z.core.$strip>;
export type Config = Readonly<z.output<typeof configSchema>>;
/** The start is refused: each line names a variable and what is allowed. Never prints a value (it may be a secret). */
export declare class ConfigError extends Error {
    readonly name = "ConfigError";
}
/**
 * Reads the settings from `environment`. An empty value counts as not given.
 *
 * @throws {ConfigError} naming every wrong variable and what is allowed.
 */
export declare function loadConfig(environment: Readonly<Record<string, string | undefined>>): Config;

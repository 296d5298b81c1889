/** @returns names of the migrations that were applied */
export declare function migrate(url: string): Promise<readonly string[]>;

/** @param leafHashes at least one */
export declare function fieldsRoot(leafHashes: readonly Uint8Array[]): Uint8Array;
/** Siblings from the leaf upwards, for each of the leaves asked for. */
export declare function fieldsProofs(leafHashes: readonly Uint8Array[], indexes: readonly number[]): readonly (readonly Uint8Array[])[];

/** The start is refused: a key file is missing, malformed, or readable by others. Names the file, never its content. */
export declare class SecretFileError extends Error {
    readonly name = "SecretFileError";
}
/**
 * @param purpose what the key is for, used in messages, with the variable that names the file
 * @returns 32 octets
 * @throws {SecretFileError}
 */
export declare function readSecretFile(path: string, purpose: string): Uint8Array;

// Reads a 32-byte secret (hex text) from a file that only its owner may read.
import { readFileSync, statSync } from 'node:fs';
/** The start is refused: a key file is missing, malformed, or readable by others. Names the file, never its content. */
export class SecretFileError extends Error {
    constructor() {
        super(...arguments);
        this.name = 'SecretFileError';
    }
}
/**
 * @param purpose what the key is for, used in messages, with the variable that names the file
 * @returns 32 octets
 * @throws {SecretFileError}
 */
export function readSecretFile(path, purpose) {
    let text;
    try {
        const { mode } = statSync(path);
        // Group or world access means that the key may already be somebody else's. Windows has no such bits.
        if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
            throw new SecretFileError(`${purpose}: ${path} can be read by others (mode ${(mode & 0o777).toString(8)}); use chmod 600`);
        }
        text = readFileSync(path, 'utf8').trim();
    }
    catch (cause) {
        if (cause instanceof SecretFileError)
            throw cause;
        throw new SecretFileError(`${purpose}: ${path} cannot be read`, { cause });
    }
    const hex = text.replace(/^0x/, '');
    if (!/^[0-9a-f]{64}$/.test(hex))
        throw new SecretFileError(`${purpose}: ${path} must hold 64 lower-case hexadecimal digits`);
    return new Uint8Array(Buffer.from(hex, 'hex'));
}
//# sourceMappingURL=secret-file.js.map
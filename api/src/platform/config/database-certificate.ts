// Looks at the certificates that we show to PostgreSQL when the settings are read, so that every program refuses a key that others
// can read, and names it. The connections read the files themselves (pg-connection-string), each anew.
import { readCertifiedKey } from '../keys/certificate-files.ts';
import { SecretFileError } from '../keys/secret-file.ts';
import { DATABASE_CONNECTIONS } from './database-url.rules.ts';

/** @param settings of one program: the files of a connection that it does not make are none of its business */
export function databaseCertificateFileFaults(settings: Readonly<Record<string, unknown>>): readonly string[] {
  return DATABASE_CONNECTIONS.flatMap(({ cert, key }) => {
    const [certFile, keyFile] = [settings[cert], settings[key]];
    if (typeof certFile !== 'string' || typeof keyFile !== 'string') return [];
    try {
      readCertifiedKey(
        { path: certFile, purpose: `database certificate (${cert})` },
        { path: keyFile, purpose: `database key (${key})` },
      );
      return [];
    } catch (error) {
      if (error instanceof SecretFileError) return [error.message];
      throw error;
    }
  });
}

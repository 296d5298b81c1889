// TLS of the HTTP server: reads certificate and key, refuses what could not serve, and takes renewed files without a restart (on
// SIGHUP, and when they change), since certificates live for weeks. A renewal that cannot be used leaves the old one in place.
import { unwatchFile, watchFile } from 'node:fs';
import { type SecureContextOptions } from 'node:tls';
import { type ServerOptions } from 'node:https';
import { type FastifyInstance } from 'fastify';
import { type Config } from '../config/config.schema.ts';
import { certificateHealth } from '../health/certificate-health.ts';
import { type PartHealth } from '../health/health.ts';
import { notAfter, readCertificate, readCertifiedKey } from '../keys/certificate-files.ts';
import { type Logger } from '../logger/logger.ts';

const LOOK_MS = 5000;
/** As long as the headers of a request may take. */
const HANDSHAKE_MS = 20_000;

interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | null;
}

/** null: this process speaks plain HTTP. */
export function tlsFiles(config: Config): TlsFiles | null {
  const { TLS_CERT_FILE: cert, TLS_KEY_FILE: key, TLS_CLIENT_CA_FILE: clientCa } = config;
  return cert === undefined || key === undefined ? null : { cert, key, clientCa: clientCa ?? null };
}

/**
 * A client is asked for a certificate when there is an authority for them, and served without one too: which route needs one
 * is decided where the client is known (see auth/client-certificate.ts).
 *
 * @throws {SecretFileError} naming the file
 */
export function tlsOptions(files: TlsFiles): ServerOptions {
  return {
    ...secureContext(files),
    requestCert: files.clientCa !== null,
    // Only ends no handshake: a certificate that was not verified counts as none (`authorized`, in auth/client-certificate.ts).
    rejectUnauthorized: false,
    handshakeTimeout: HANDSHAKE_MS,
  };
}

/** RFC 9325 section 4.2: every key exchange is ephemeral, every cipher authenticates. */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** RFC 9325: TLS 1.2 at least. @throws {SecretFileError} */
function secureContext({ cert, key, clientCa }: TlsFiles): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    ...readCertifiedKey(
      { path: cert, purpose: 'TLS certificate (TLS_CERT_FILE)' },
      { path: key, purpose: 'TLS key (TLS_KEY_FILE)' },
    ),
    ...(clientCa === null
      ? {}
      : { ca: readCertificate({ path: clientCa, purpose: 'authority of client certificates (TLS_CLIENT_CA_FILE)' }) }),
  };
}

/** @param files of the server that listens */
export function keepTlsFresh(fastify: FastifyInstance, files: TlsFiles, logger: Logger): void {
  const server = fastify.server as typeof fastify.server & { setSecureContext(options: SecureContextOptions): void };
  const reload = (): void => {
    try {
      server.setSecureContext(secureContext(files));
      logger.info({ notAfter: notAfter(files.cert).toISOString() }, 'TLS certificate read again');
    } catch (error) {
      logger.error({ err: error }, 'the renewed TLS certificate cannot be used; the old one stays');
    }
  };
  const changed = (now: { mtimeMs: number }, before: { mtimeMs: number }): void => {
    if (now.mtimeMs !== before.mtimeMs) reload();
  };
  const watched = [files.cert, files.key, ...(files.clientCa === null ? [] : [files.clientCa])];
  // Looking at the files also sees a link that was turned to another folder, as Kubernetes does it.
  for (const file of watched) watchFile(file, { persistent: false, interval: LOOK_MS }, changed);
  process.on('SIGHUP', reload);
  fastify.addHook('onClose', (_instance, done) => {
    for (const file of watched) unwatchFile(file, changed);
    process.off('SIGHUP', reload);
    done();
  });
}

/** The part `tls` of health. */
export function tlsHealth(files: TlsFiles, now: Date): PartHealth {
  return certificateHealth('the TLS certificate', files.cert, now);
}

// An authority of a test's own, and certificates that it signs; PEM, ECDSA P-256.

// oxlint-disable-next-line no-unassigned-import -- @peculiar/x509 resolves its algorithms by it
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface Certified {
  readonly cert: string;
  /** PKCS #8. */
  readonly key: string;
}

export interface Wanted {
  readonly names?: readonly string[];
  readonly ips?: readonly string[];
  /** From now; negative: it has ended. */
  readonly days?: number;
}

export class Authority {
  readonly cert: string;
  readonly #name: string;
  readonly #keys: webcrypto.CryptoKeyPair;

  private constructor(name: string, keys: webcrypto.CryptoKeyPair, cert: string) {
    this.#name = name;
    this.#keys = keys;
    this.cert = cert;
  }

  static async create(name: string): Promise<Authority> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned(
      {
        name: `CN=${name}`,
        keys,
        signingAlgorithm: ALGORITHM,
        ...validity(30),
        extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
      },
      webcrypto,
    );
    return new Authority(name, keys, certificate.toString('pem'));
  }

  async issue({ names = [], ips = [], days = 30 }: Wanted): Promise<Certified> {
    const alternatives = [
      ...names.map((value) => ({ type: 'dns' as const, value })),
      ...ips.map((value) => ({ type: 'ip' as const, value })),
    ];
    return this.#certify(
      `CN=${names[0] ?? ips[0] ?? 'client'}`,
      days,
      alternatives.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(alternatives)],
    );
  }

  /** As Web Authentication section 8.2.1 wants it of an authenticator's maker. */
  async certifyAuthenticator(): Promise<Certified> {
    const subject = 'C=XX, O=A maker of authenticators, OU=Authenticator Attestation, CN=A model';
    return this.#certify(subject, 30, [new x509.BasicConstraintsExtension(false, undefined, true)]);
  }

  async #certify(subject: string, days: number, extensions: x509.Extension[]): Promise<Certified> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create(
      {
        subject,
        issuer: `CN=${this.#name}`,
        publicKey: keys.publicKey,
        signingKey: this.#keys.privateKey,
        signingAlgorithm: ALGORITHM,
        ...validity(days),
        extensions,
      },
      webcrypto,
    );
    const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    const body = Buffer.from(der).toString('base64').replaceAll(/.{64}/g, '$&\n');
    return {
      cert: certificate.toString('pem'),
      key: `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`,
    };
  }
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - 40 * 86_400_000), notAfter: new Date(now + days * 86_400_000) };
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

// A passkey authenticator in software, together with the browser before it: makes key pairs and signs what the Web Authentication
// standard says (section 6), so that a page gets the octets that a real one would send. What is asked of it can be done wrongly.

import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate, type KeyObject } from 'node:crypto';
import type { Certified } from '../../support/certificates.ts';
import { encodeCbor, type Cbor } from './cbor.ts';
import type { Page } from './browser.ts';

export type Algorithm = 'ES256' | 'EdDSA' | 'RS256';

/** COSE algorithm numbers (RFC 9053, RFC 8812). */
const NUMBERS: Readonly<Record<Algorithm, number>> = { ES256: -7, EdDSA: -8, RS256: -257 };
const FLAGS = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backedUp: 0x10, attested: 0x40 } as const;

/** How an answer differs from what the page asked for. */
export interface Mistakes {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  readonly userHandle?: string;
  readonly signCount?: number;
  readonly signature?: Uint8Array;
  readonly backupEligible?: boolean;
  /** Instead of `none`: by the new key itself, or by a maker's. */
  readonly attestation?: 'self' | Certified;
}

interface Options {
  readonly challenge: string;
  readonly rp?: { readonly id: string };
  readonly rpId?: string;
  readonly user?: { readonly id: string; readonly name: string };
  readonly pubKeyCredParams?: readonly { readonly alg: number }[];
  readonly excludeCredentials?: readonly { readonly id: string }[];
  readonly allowCredentials?: readonly { readonly id: string }[];
  readonly authenticatorSelection?: unknown;
  readonly attestation?: string;
  readonly userVerification?: string;
}

/** What the page gives its script. */
export function optionsOf({ text }: Page, kind: 'create' | 'get'): Options {
  const [, escaped] = new RegExp(`data-passkey="${kind}"\\s+data-options="([^"]*)"`).exec(text) ?? [];
  if (escaped === undefined) throw new Error(`a page that asks for no passkey: ${text.slice(0, 400)}`);
  return JSON.parse(escaped.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))) as Options;
}

export class Authenticator {
  readonly #origin: string;
  readonly #algorithm: Algorithm;
  readonly #counts: boolean;
  readonly credentialId: Buffer;
  #keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  #userHandle = '';
  signCount = 0;

  /** @param counts false: like those that keep a passkey on several devices, it has no counter and may be backed up */
  constructor(origin: string, algorithm: Algorithm = 'ES256', counts = true) {
    this.#origin = origin;
    this.#algorithm = algorithm;
    this.#counts = counts;
    this.credentialId = randomBytes(32);
    this.#keys = newKeys(algorithm);
  }

  /** Another with the same key and counter. */
  clone(): Authenticator {
    const clone = new Authenticator(this.#origin, this.#algorithm, this.#counts);
    clone.#keys = this.#keys;
    clone.#userHandle = this.#userHandle;
    clone.signCount = this.signCount;
    this.credentialId.copy(clone.credentialId);
    return clone;
  }

  /** As the field `passkey` of a form. */
  create(page: Page, mistakes: Mistakes = {}): string {
    const options = optionsOf(page, 'create');
    this.#userHandle = options.user?.id ?? '';
    const clientData = this.#clientData('webauthn.create', options.challenge, mistakes);
    const data = this.#authenticatorData(options.rp?.id ?? '', mistakes, true);
    const attestation = this.#attestation(data, clientData, mistakes.attestation);
    const object = encodeCbor(new Map<string, Cbor>([...attestation, ['authData', data]]));
    return this.#answer({ clientDataJSON: base64url(clientData), attestationObject: base64url(object) });
  }

  get(page: Page, mistakes: Mistakes = {}): string {
    const options = optionsOf(page, 'get');
    const clientData = this.#clientData('webauthn.get', options.challenge, mistakes);
    const data = this.#authenticatorData(options.rpId ?? '', mistakes, false);
    const signature = mistakes.signature ?? this.#sign(Buffer.concat([data, sha256(clientData)]));
    return this.#answer({
      clientDataJSON: base64url(clientData),
      authenticatorData: base64url(data),
      signature: base64url(signature),
      userHandle: mistakes.userHandle ?? this.#userHandle,
    });
  }

  #answer(response: Readonly<Record<string, string>>): string {
    const id = base64url(this.credentialId);
    return JSON.stringify({ id, rawId: id, type: 'public-key', response });
  }

  #clientData(type: string, challenge: string, mistakes: Mistakes): Buffer {
    const { origin = this.#origin, crossOrigin = false } = mistakes;
    const said = { type: mistakes.type ?? type, challenge: mistakes.challenge ?? challenge, origin, crossOrigin };
    return Buffer.from(JSON.stringify(said), 'utf8');
  }

  /** Section 6.1. */
  #authenticatorData(rpId: string, mistakes: Mistakes, attested: boolean): Buffer {
    if (this.#counts) this.signCount += 1;
    const flags =
      (mistakes.userPresent === false ? 0 : FLAGS.userPresent) |
      (mistakes.userVerified === false ? 0 : FLAGS.userVerified) |
      ((mistakes.backupEligible ?? !this.#counts) ? FLAGS.backupEligible | FLAGS.backedUp : 0) |
      (attested ? FLAGS.attested : 0);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(mistakes.signCount ?? this.signCount);
    const start = Buffer.concat([sha256(Buffer.from(mistakes.rpId ?? rpId)), Buffer.from([flags]), counter]);
    if (!attested) return start;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.credentialId.length);
    return Buffer.concat([start, Buffer.alloc(16), length, this.credentialId, encodeCbor(this.#coseKey())]);
  }

  /** Section 8.7, or 8.2. */
  #attestation(data: Buffer, clientData: Buffer, kind: Mistakes['attestation']): [string, Cbor][] {
    if (kind === undefined)
      return [
        ['fmt', 'none'],
        ['attStmt', new Map()],
      ];
    const signed = Buffer.concat([data, sha256(clientData)]);
    const statement: [string, Cbor][] =
      kind === 'self'
        ? [
            ['alg', NUMBERS[this.#algorithm]],
            ['sig', this.#sign(signed)],
          ]
        : [
            ['alg', NUMBERS.ES256],
            ['sig', sign('sha256', signed, kind.key)],
            ['x5c', [new X509Certificate(kind.cert).raw]],
          ];
    return [
      ['fmt', 'packed'],
      ['attStmt', new Map(statement)],
    ];
  }

  #coseKey(): Cbor {
    const jwk = this.#keys.publicKey.export({ format: 'jwk' });
    const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
    const alg = NUMBERS[this.#algorithm];
    const members: Readonly<Record<Algorithm, [number, Cbor][]>> = {
      ES256: [
        [1, 2],
        [3, alg],
        [-1, 1],
        [-2, bytes(jwk.x)],
        [-3, bytes(jwk.y)],
      ],
      EdDSA: [
        [1, 1],
        [3, alg],
        [-1, 6],
        [-2, bytes(jwk.x)],
      ],
      RS256: [
        [1, 3],
        [3, alg],
        [-1, bytes(jwk.n)],
        [-2, bytes(jwk.e)],
      ],
    };
    return new Map(members[this.#algorithm]);
  }

  #sign(data: Uint8Array): Buffer {
    return sign(this.#algorithm === 'EdDSA' ? null : 'sha256', data, this.#keys.privateKey);
  }
}

function newKeys(algorithm: Algorithm): { privateKey: KeyObject; publicKey: KeyObject } {
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519');
  if (algorithm === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

// The two ceremonies of WebAuthn: registration (section 7.1) and authentication (section 7.2). The steps are @simplewebauthn/server's;
// which challenge, whose credential, which attestation and how counters are judged is decided here.
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import {
  cose,
  decodeAttestationObject,
  decodeClientDataJSON,
  decodeCredentialPublicKey,
  isoBase64URL,
} from '@simplewebauthn/server/helpers';
import { type Queryable } from '../../platform/database/pool.ts';
import { type ChallengePlace, type PasskeyChallenges } from './passkey-challenges.ts';
import {
  ALGORITHMS,
  assertionSchema,
  counterHolds,
  creationSchema,
  isLongEnough,
  parseAnswer,
  type RelyingParty,
} from './passkey.rules.ts';
import { passkeysOf, type NewPasskey } from './passkey-store.ts';

/** What the browser's script wrote into a form. */
export interface PasskeyAnswer {
  /** JSON, from outside. */
  readonly json: string;
  readonly place: ChallengePlace;
}

/** `refused` is whose it claims to be, when that is a passkey of the account; `regressed`: all is right but the counter. */
export type Assertion =
  | { readonly result: 'valid' | 'regressed'; readonly id: string; readonly signCount: number }
  | { readonly result: 'refused'; readonly id: string | null };

const NAME = 'MedAnchor';
/** How long browsers wait for the person (WebAuthn section 15.1). */
const TIMEOUT_MS = 5 * 60_000;
/** PIN or biometry (UV), so that a passkey that was found or stolen is not enough. */
const USER_VERIFICATION = 'required';

export class PasskeyCeremonies {
  readonly #database: Queryable;
  readonly #challenges: PasskeyChallenges;
  readonly #party: RelyingParty | null;

  /** @param party null: no passkeys are offered or taken */
  constructor(database: Queryable, challenges: PasskeyChallenges, party: RelyingParty | null) {
    this.#database = database;
    this.#challenges = challenges;
    this.#party = party;
  }

  get offered(): boolean {
    return this.#party !== null;
  }

  /**
   * @param account the id becomes the user handle: opaque, as WebAuthn section 14.6.1 asks
   * @param exclude credentials that the account has: no authenticator makes a second one
   */
  async creationOptions(
    place: ChallengePlace,
    account: { readonly id: string; readonly login: string },
    exclude: readonly Uint8Array<ArrayBuffer>[] = [],
  ): Promise<PublicKeyCredentialCreationOptionsJSON | null> {
    if (this.#party === null) return null;
    return generateRegistrationOptions({
      rpName: NAME,
      rpID: this.#party.id,
      userID: userHandleOf(account.id),
      userName: account.login,
      userDisplayName: account.login,
      challenge: await this.#challenges.issue(place),
      timeout: TIMEOUT_MS,
      attestationType: 'none',
      excludeCredentials: exclude.map((id) => ({ id: isoBase64URL.fromBuffer(id) })),
      // Discoverable: a sign-in names no credentials, so that it says of no login whether it has an account.
      authenticatorSelection: { residentKey: 'required', userVerification: USER_VERIFICATION },
      supportedAlgorithmIDs: ALGORITHMS,
    });
  }

  async requestOptions(place: ChallengePlace): Promise<PublicKeyCredentialRequestOptionsJSON | null> {
    if (this.#party === null) return null;
    return generateAuthenticationOptions({
      rpID: this.#party.id,
      challenge: await this.#challenges.issue(place),
      timeout: TIMEOUT_MS,
      userVerification: USER_VERIFICATION,
    });
  }

  /** @returns null for every kind of no; the challenge is used up in any case */
  async register({ json, place }: PasskeyAnswer): Promise<NewPasskey | null> {
    const answer = parseAnswer(creationSchema, json);
    const party = this.#party;
    if (answer === undefined || party === null) return null;
    const expectedChallenge = await this.#challengeOf(answer.response.clientDataJSON, place);
    if (expectedChallenge === null) return null;
    return orNull(async () => {
      if (!isAttestationTaken(answer.response.attestationObject)) return null;
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response: { ...answer, clientExtensionResults: {} },
        expectedChallenge,
        expectedOrigin: party.origin,
        expectedRPID: party.id,
        requireUserVerification: true,
        supportedAlgorithmIDs: ALGORITHMS,
      });
      if (!verified) return null;
      const { credential, credentialDeviceType } = registrationInfo;
      const key = decodeCredentialPublicKey(credential.publicKey);
      if (cose.isCOSEPublicKeyRSA(key) && !isLongEnough(key.get(cose.COSEKEYS.n))) return null;
      return {
        credentialId: isoBase64URL.toBuffer(credential.id),
        publicKey: credential.publicKey,
        signCount: credential.counter,
        backupEligible: credentialDeviceType === 'multiDevice',
      };
    });
  }

  /** Changes nothing but the challenge, which is used up in any case: that the passkey was used is noted by `usePasskey`. */
  async assert(accountId: string, { json, place }: PasskeyAnswer): Promise<Assertion> {
    const answer = parseAnswer(assertionSchema, json);
    const party = this.#party;
    if (answer === undefined || party === null) return { result: 'refused', id: null };
    const { clientDataJSON, authenticatorData, signature, userHandle } = answer.response;
    const expectedChallenge = await this.#challengeOf(clientDataJSON, place);
    const known = (await passkeysOf(this.#database, accountId)).find(
      ({ credentialId }) => isoBase64URL.fromBuffer(credentialId) === answer.id,
    );
    const refused = { result: 'refused', id: known?.id ?? null } as const;
    if (expectedChallenge === null || known === undefined) return refused;
    if (typeof userHandle === 'string' && userHandle !== isoBase64URL.fromBuffer(userHandleOf(accountId)))
      return refused;
    const verification = await orNull(() =>
      verifyAuthenticationResponse({
        response: {
          ...answer,
          response: { clientDataJSON, authenticatorData, signature },
          clientExtensionResults: {},
        },
        expectedChallenge,
        expectedOrigin: party.origin,
        expectedRPID: party.id,
        requireUserVerification: true,
        // The library looks at the counter before the signature: what anybody can write would look like a clone. We look after it.
        credential: { id: answer.id, publicKey: known.publicKey, counter: 0 },
      }),
    );
    if (verification?.verified !== true) return refused;
    const { credentialDeviceType, newCounter: signCount } = verification.authenticationInfo;
    // WebAuthn section 7.2 step 19: whether a passkey may be copied is settled when it is made.
    if ((credentialDeviceType === 'multiDevice') !== known.backupEligible) return refused;
    return { result: counterHolds(known.signCount, signCount) ? 'valid' : 'regressed', id: known.id, signCount };
  }

  /** @returns the challenge that the browser signed, when it is the one of this place; null otherwise, and within a frame */
  async #challengeOf(clientDataJSON: string, place: ChallengePlace): Promise<string | null> {
    const clientData = await orNull(() => decodeClientDataJSON(clientDataJSON));
    const challenge = clientData?.challenge;
    if (clientData === null || typeof challenge !== 'string' || !isoBase64URL.isBase64URL(challenge)) return null;
    const isOurs = await this.#challenges.consume(place, isoBase64URL.toBuffer(challenge));
    return isOurs && clientData.crossOrigin !== true ? challenge : null;
  }
}

/** Decoders and verifiers throw at what they do not take. What comes from elsewhere, such as the database, stays outside of this. */
async function orNull<T>(verify: () => T | Promise<T>): Promise<T | null> {
  try {
    return await verify();
  } catch {
    return null;
  }
}

/**
 * We ask for none. A browser may hand on self attestation (WebAuthn section 5.1.3), which is signed by the credential itself. Any other is
 * refused before its certificates are read: nobody asked for them, and the library may fetch revocation lists for what they chain to.
 */
function isAttestationTaken(attestationObject: string): boolean {
  const object = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
  const format = object.get('fmt');
  return format === 'none' || (format === 'packed' && object.get('attStmt').get('x5c') === undefined);
}

function userHandleOf(accountId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(accountId.replaceAll('-', ''), 'hex'));
}

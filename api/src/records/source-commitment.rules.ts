// Digest mode: reads what a source has computed with its own record key. Pure. Nothing of it can be compared with a content,
// since none comes here; what can be checked is that it is what docs/spec/formats.md section 4 says.
import {
  COMPONENT_NAMES,
  commitment as commitmentOf,
  equalBytes,
  fromHex,
  normaliseMediaType,
  SCHEMES,
  VerifyError,
  type Activity,
  type ComponentName,
  type Scheme,
} from '@medanchor/verifier';
import { z } from 'zod';
import { type SourceCommitment } from '../ledger/index.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { checkJson } from '../platform/http/json-body.ts';

export const COMMITMENT_MEDIA_TYPE = 'application/vnd.medanchor.commitment+json';

const hash = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits');

export const commitmentSchema = z.strictObject({
  format: z.literal('medanchor-commitment/1'),
  recordRef: hash.describe('The record’s pseudonym, made with its record key'),
  scheme: z.enum(SCHEMES),
  mediaType: z.string().max(255).describe('Normalised; "" exactly for identity/1'),
  commitment: hash,
  components: z
    .array(z.strictObject({ name: z.enum(COMPONENT_NAMES), commitment: hash }))
    .min(1)
    .max(COMPONENT_NAMES.length),
});

/** Whether a body of this media type is a commitment and no content. */
export function isCommitment(contentType: string | undefined): boolean {
  return contentType?.split(';')[0]?.trim().toLowerCase() === COMMITMENT_MEDIA_TYPE;
}

/** @throws {DomainError} `content-missing`, `commitment-malformed`, naming the member */
export function committedIn(octets: Uint8Array | null, activity: Activity | null): SourceCommitment {
  if (octets === null || octets.length === 0)
    throw new DomainError('content-missing', 'the commitment is the body of the request');
  try {
    return readCommitment(checkJson(octets, commitmentSchema), activity);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'bad-request')
      throw new DomainError('commitment-malformed', error.message, error.extensions, { cause: error });
    throw error;
  }
}

/** @throws {DomainError} `commitment-malformed`, naming the member */
export function readCommitment(given: z.output<typeof commitmentSchema>, activity: Activity | null): SourceCommitment {
  const { scheme, mediaType } = given;
  if ((scheme === 'identity/1') !== (activity === 'delete'))
    throw malformed('scheme: identity/1 (no content) is for activity=delete, and a delete has no other');
  if ((scheme === 'identity/1') !== (mediaType === '')) throw malformed('mediaType: "" exactly for identity/1');
  if (mediaType !== '' && !isNormal(mediaType))
    throw malformed('mediaType: not in its normal form (docs/spec/formats.md section 2.1)');
  const components = given.components.map(({ name, commitment }) => ({ name, commitment: fromHex(commitment) }));
  const commitment = fromHex(given.commitment);
  if (!equalBytes(computed(scheme, components), commitment))
    throw malformed('commitment: the components do not hash to it');
  return { recordRef: fromHex(given.recordRef), scheme, mediaType, commitment, components };
}

function computed(scheme: Scheme, components: { name: ComponentName; commitment: Uint8Array }[]): Uint8Array {
  try {
    return commitmentOf(scheme, components);
  } catch (error) {
    if (error instanceof VerifyError) throw malformed(error.message);
    throw error;
  }
}

function isNormal(mediaType: string): boolean {
  try {
    return normaliseMediaType(mediaType) === mediaType;
  } catch (error) {
    if (error instanceof VerifyError) return false;
    throw error;
  }
}

function malformed(detail: string): DomainError {
  return new DomainError('commitment-malformed', detail);
}

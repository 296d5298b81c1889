// What the routes of tenants, sources and broken glasses accept and answer.
import { z } from 'zod';
import { decimal } from '../../platform/http/schemas.ts';
import { JUDGEMENTS } from '../access/break-glass.service.ts';
import { NAME } from '../names.ts';
import { SOURCE_KINDS } from '../source.entity.ts';

const name = z.string().regex(NAME, 'a name: a lower-case letter or digit, then up to 63 of a-z 0-9 . _ -');
const limit = decimal('a number').pipe(z.bigint().min(1n).max(1000n)).optional();

export const namesQuery = z.strictObject({ after: name.optional().describe('The last name seen'), limit });

export const newTenant = z.strictObject({ name }).meta({ id: 'NewTenant' });
export const tenantSchema = z
  .strictObject({ id: z.string(), name: z.string(), createdAt: z.string() })
  .meta({ id: 'Tenant' });

const ADDRESS = {
  fhir: [/^https?:\/\/[^\s/?#]+[^\s?#]*$/, 'the base URL of a FHIR server'],
  hl7v2: [/^[^\s|^~\\&][^|^~\\&]{0,226}$/, 'a sending facility (MSH-4): up to 227 characters without | ^ ~ \\ &'],
  dicom: [/^(?! )[\u0020-\u005b\u005d-\u007e]{1,16}(?<! )$/, 'an AE title: up to 16 characters, no backslash'],
} as const;

export const newSource = z
  .strictObject({
    name,
    kind: z.enum(SOURCE_KINDS).default('other'),
    address: z
      .string()
      .min(1)
      .max(512)
      .optional()
      .describe('fhir: base URL; hl7v2: sending facility (MSH-4); dicom: AE title'),
  })
  .check((context) => {
    const { kind, address } = context.value;
    if (address === undefined || kind === 'other') return;
    const [form, what] = ADDRESS[kind];
    if (!form.test(address)) context.issues.push({ code: 'custom', path: ['address'], message: what, input: address });
  })
  .meta({ id: 'NewSource' });

export const sourceSchema = z
  .strictObject({
    id: z.string().describe('What stands in the log'),
    name: z.string(),
    kind: z.enum(SOURCE_KINDS),
    address: z.string().nullable(),
    createdAt: z.string(),
  })
  .meta({ id: 'Source' });

export const brokenGlassQuery = z.strictObject({
  before: decimal('an id').optional().describe('The last id seen'),
  limit,
});
export const brokenGlassParams = z.strictObject({ id: decimal('an id') });
export const newReview = z.strictObject({ judgement: z.enum(JUDGEMENTS) }).meta({ id: 'NewBreakGlassReview' });

export const brokenGlassSchema = z
  .strictObject({
    id: z.string(),
    issuer: z.string(),
    subject: z.string(),
    clientId: z.string(),
    action: z.string(),
    source: z.string().nullable().describe('null: a source that does not exist'),
    purpose: z.string(),
    reason: z
      .string()
      .nullable()
      .describe('null: what is stored cannot be opened any more, or is not what the access log commits to'),
    salt: z.string().nullable().describe('Hex; with the reason it opens `commitment`'),
    commitment: z
      .string()
      .nullable()
      .describe('Hex; `breakGlass` in the access log. null: of a time when the reason itself stood there'),
    requestId: z.string().nullable(),
    usedAt: z.string(),
    review: z.strictObject({ judgement: z.enum(JUDGEMENTS), subject: z.string(), reviewedAt: z.string() }).nullable(),
  })
  .meta({ id: 'BrokenGlass' });

export const resourceMetadataSchema = z
  .strictObject({
    resource: z.string(),
    authorization_servers: z.array(z.string()),
    scopes_supported: z.array(z.string()),
    bearer_methods_supported: z.array(z.string()),
    resource_documentation: z.string(),
    tls_client_certificate_bound_access_tokens: z.boolean(),
  })
  .meta({ id: 'ProtectedResourceMetadata' });

// A receipt as W3C PROV-JSON (w3.org/Submission/prov-json). Pure. Versions are named by their leaf hashes, so that the documents of
// a record's versions fit together into one graph.
import { type ProvenanceFacts } from './provenance.rules.ts';

type ProvRecords = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
export type ProvDocument = Readonly<Record<string, ProvRecords | Readonly<Record<string, string>>>>;

const PREFIXES = {
  xsd: 'http://www.w3.org/2001/XMLSchema#',
  medanchor: 'urn:medanchor:prov:',
  version: 'urn:medanchor:leaf-hash:',
  submission: 'urn:medanchor:submission:',
  source: 'urn:uuid:',
  client: 'urn:medanchor:client:',
  log: 'urn:medanchor:log:',
} as const;

export function provJson(facts: ProvenanceFacts): ProvDocument {
  const { source, recordId, versionId, activity, recordedAt, origin, index, leafHash, previous, proof } = facts;
  const version = `version:${leafHash}`;
  const submission = `submission:${leafHash}`;
  const author = `source:${source.id}`;
  const log = named('log', origin);
  const client = facts.client === null ? null : named('client', facts.client);
  const time = { $: recordedAt, type: 'xsd:dateTime' };
  return {
    prefix: PREFIXES,
    entity: {
      [version]: {
        'prov:type': qualified('medanchor:RecordVersion'),
        'medanchor:recordId': recordId,
        'medanchor:versionId': versionId,
        'medanchor:index': index,
        'medanchor:proof': { $: proof, type: 'xsd:anyURI' },
        ...(facts.attestation.by === 'source-key' ? { 'medanchor:signedWith': facts.attestation.keyId } : {}),
        ...(facts.jws === null ? {} : { 'medanchor:signature': facts.jws }),
      },
      ...(previous === null ? {} : { [`version:${previous}`]: { 'prov:type': qualified('medanchor:RecordVersion') } }),
    },
    activity: {
      [submission]: {
        'prov:type': qualified(`medanchor:${activity}`),
        'prov:endTime': recordedAt,
      },
    },
    agent: {
      [author]: { 'prov:type': qualified('prov:SoftwareAgent'), 'prov:label': source.name },
      [log]: { 'prov:type': qualified('prov:SoftwareAgent'), 'prov:label': origin },
      ...(client === null ? {} : { [client]: { 'prov:type': qualified('prov:SoftwareAgent') } }),
    },
    wasGeneratedBy: {
      '_:generation': { 'prov:entity': version, 'prov:activity': submission, 'prov:time': recordedAt },
    },
    wasAttributedTo: {
      '_:attribution': {
        'prov:entity': version,
        'prov:agent': author,
        // Without a signature, that it came from there is what the log says.
        'medanchor:attestedBy': qualified(facts.attestation.by === 'source-key' ? author : log),
      },
    },
    wasAssociatedWith: {
      '_:association': { 'prov:activity': submission, 'prov:agent': client ?? author },
      '_:recording': {
        'prov:activity': submission,
        'prov:agent': log,
        'prov:role': qualified('medanchor:Recorder'),
        'medanchor:recordedAt': time,
      },
    },
    ...(client === null
      ? {}
      : { actedOnBehalfOf: { '_:delegation': { 'prov:delegate': client, 'prov:responsible': author } } }),
    ...(previous === null
      ? {}
      : {
          wasDerivedFrom: {
            '_:revision': {
              'prov:generatedEntity': version,
              'prov:usedEntity': `version:${previous}`,
              'prov:type': qualified('prov:Revision'),
            },
          },
        }),
  };
}

function qualified(name: string): { readonly $: string; readonly type: string } {
  return { $: name, type: 'xsd:QName' };
}

/** What may not stand in a local name is percent-encoded. */
function named(prefix: 'client' | 'log', name: string): string {
  return `${prefix}:${encodeURIComponent(name).replaceAll(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)}`;
}

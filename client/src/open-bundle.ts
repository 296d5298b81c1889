// Completes the bundle of a version that was submitted in digest mode: the ledger knows no salts, so it opens nothing; whoever has
// the record key can, and the bundle then opens like one of content mode. Pure.

import {
  componentCommitment,
  componentSalt,
  digestContent,
  digestRecord,
  discloseFields,
  equalBytes,
  openRecord,
  selectFields,
  VerifyError,
  versionSalt,
  type Bundle,
  type BundleComponent,
  type ComponentDigest,
  type ComponentName,
  type RecordIdentity,
} from '@medanchor/verifier';

/**
 * Opens every component but `fields`.
 *
 * @param identity under which the version was committed
 * @param content when given, it must be that of the version: nobody should hand out a bundle for another
 * @throws {VerifyError} `COMMITMENT_MISMATCH` when the key is not the one that it was committed with,
 *   `CONTENT_ALTERED` when the content is not that of the version
 */
export function openBundle(
  bundle: Bundle,
  recordKey: Uint8Array,
  identity: RecordIdentity,
  content?: Uint8Array,
): Bundle {
  const opened = withSalts(bundle, recordKey, identity, (name) => name !== 'fields');
  if (content !== undefined && content.length > 0) assertContent(opened, content);
  return opened;
}

/** Opens only the names and the chosen fields; everything below each JSON Pointer is disclosed. */
export function discloseFromBundle(
  bundle: Bundle,
  recordKey: Uint8Array,
  identity: RecordIdentity,
  content: Uint8Array,
  pointers: readonly string[],
): Bundle {
  assertContent(openBundle(bundle, recordKey, identity), content);
  const opened = withSalts(bundle, recordKey, identity, (name) => name === 'identity' || name === 'fields');
  const { scheme, mediaType } = openingOf(bundle);
  const leaves = digestContent(content, mediaType, { scheme, fields: true }).fields ?? [];
  const salt = versionSalt(recordKey, identity.versionId);
  return { ...opened, disclosed: discloseFields(leaves, salt, selectFields(leaves, pointers)) };
}

function withSalts(
  bundle: Bundle,
  recordKey: Uint8Array,
  identity: RecordIdentity,
  opens: (name: ComponentName) => boolean,
): Bundle {
  const opening = openingOf(bundle);
  const salt = versionSalt(recordKey, identity.versionId);
  const components = opening.components.map(({ name, commitment }): BundleComponent => {
    const component = { name, commitment };
    return opens(name) ? { ...component, salt: componentSalt(salt, name) } : component;
  });
  const opened = { ...bundle, opening: { ...opening, identity, components } };
  assertIdentityOpens(opened, identity);
  return opened;
}

function openingOf({ opening }: Bundle): NonNullable<Bundle['opening']> {
  if (opening === null) throw new VerifyError('BUNDLE_MALFORMED', 'this bundle is about no record version');
  return opening;
}

/** The names are always committed, so they tell a wrong key at once. */
function assertIdentityOpens(bundle: Bundle, identity: RecordIdentity): void {
  const component = openingOf(bundle).components.find(({ name }) => name === 'identity');
  const [{ digest }] = digestRecord(null, '', identity).components as [ComponentDigest];
  const opens =
    component?.salt !== undefined && equalBytes(componentCommitment(component.salt, digest), component.commitment);
  if (!opens)
    throw new VerifyError('COMMITMENT_MISMATCH', 'this record key or these names are not those of the bundle');
}

function assertContent(bundle: Bundle, content: Uint8Array): void {
  const { scheme, mediaType, components } = openingOf(bundle);
  const digest = digestContent(content, mediaType, { scheme });
  const salts = new Map(components.flatMap(({ name, salt }) => (salt === undefined ? [] : [[name, salt] as const])));
  const matches = openRecord(
    digest,
    components.filter(({ name }) => name !== 'identity'),
    salts,
  );
  if (matches.get('raw') !== 'opens' && matches.get('contentExact') !== 'opens')
    throw new VerifyError('CONTENT_ALTERED', 'the content is not that of this version');
}

// Comparing given content with what was committed: docs/spec/formats.md sections 4 and 10. Used on bundles, which carry some
// of the salts, and by a holder of the record key, who has them all.

import { equalBytes } from '../bytes.ts';
import { componentCommitment, type ComponentCommitment } from './commitment.ts';
import type { RecordDigest } from './digest.ts';
import type { ComponentName } from './scheme.ts';

/**
 * - `opens`: the given content is what was committed, as far as this component goes
 * - `differs`: it is not
 * - `missing`: the component was committed, and the given content has none
 * - `uncommitted`: the given content has the component, and none was committed
 * - `unknown`: no salt was given, so nobody can tell
 */
export type ComponentMatch = 'opens' | 'differs' | 'missing' | 'uncommitted' | 'unknown';
export type ComponentMatches = ReadonlyMap<ComponentName, ComponentMatch>;

/**
 * `fields` cannot be compared here, since its digest needs every field's salt; it is `unknown` when committed. A component
 * that the digest lacks but whose salt is unknown is still `missing`: the list of names is committed.
 */
export function openRecord(
  digest: RecordDigest,
  components: readonly ComponentCommitment[],
  saltsByName: ReadonlyMap<ComponentName, Uint8Array>,
): ComponentMatches {
  const digests = new Map(digest.components.map((component) => [component.name, component.digest]));
  const matches = new Map<ComponentName, ComponentMatch>();
  for (const { name, commitment } of components) {
    const salt = saltsByName.get(name);
    const given = digests.get(name);
    if (name === 'fields') matches.set(name, 'unknown');
    else if (given === undefined) matches.set(name, 'missing');
    else if (salt === undefined) matches.set(name, 'unknown');
    else matches.set(name, equalBytes(componentCommitment(salt, given), commitment) ? 'opens' : 'differs');
  }
  for (const name of digests.keys()) if (!matches.has(name)) matches.set(name, 'uncommitted');
  return matches;
}

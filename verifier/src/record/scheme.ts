// Schemes and their components: docs/spec/formats.md section 2.1. The scheme stands in the log entry, so a scheme can be
// added without breaking an old proof, and none can ever be changed.

import { VerifyError } from '../errors.ts';

export const SCHEMES = ['fhir-json-static/1', 'json/1', 'raw/1', 'identity/1'] as const;
export type Scheme = (typeof SCHEMES)[number];

export const COMPONENT_NAMES = ['identity', 'raw', 'content', 'contentExact', 'narrative', 'labels', 'fields'] as const;
export type ComponentName = (typeof COMPONENT_NAMES)[number];

const COMPONENTS: Readonly<Record<Scheme, { always: readonly ComponentName[]; maybe: readonly ComponentName[] }>> = {
  'fhir-json-static/1': {
    always: ['identity', 'raw', 'content', 'contentExact'],
    maybe: ['narrative', 'labels', 'fields'],
  },
  'json/1': { always: ['identity', 'raw', 'content', 'contentExact'], maybe: ['fields'] },
  'raw/1': { always: ['identity', 'raw'], maybe: [] },
  'identity/1': { always: ['identity'], maybe: [] },
};

/** Throws unless these are the components of the scheme, each once, in the order of the specification. */
export function assertComponentNames(scheme: Scheme, names: readonly ComponentName[]): void {
  const got = `${scheme} ${names.join()}`;
  if (GOOD.has(got)) return;
  const { always, maybe } = COMPONENTS[scheme];
  const wanted = [...always, ...maybe.filter((name) => names.includes(name))];
  if (names.join() !== wanted.join()) {
    throw new VerifyError(
      'COMPONENTS_MALFORMED',
      `components of ${scheme}: got ${names.join(', ') || 'none'}; wanted ${wanted.join(', ')}`,
    );
  }
  GOOD.add(got);
}

/** Lists that were found right: a few dozen at most. */
const GOOD = new Set<string>();

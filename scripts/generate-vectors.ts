// Writes test/vectors/*.json: test vectors for other implementers of docs/spec/formats.md. Each case is named after what was
// changed in it, and says with which code it must be refused; each breaks one rule only.
//
//   npm run vectors
//
// test/conformance/vectors.test.ts runs them all, and fails while a committed file is not what this program would write.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleVectors } from './vectors/bundles.ts';
import { checkpointVectors, tlogProofVectors } from './vectors/notes.ts';
import { commitmentVectors, digestVectors } from './vectors/records.ts';
import { consistencyVectors, inclusionVectors } from './vectors/trees.ts';
import type { VectorFile } from './vectors/vector-file.ts';

export const VECTORS_FOLDER = fileURLToPath(new URL('../test/vectors', import.meta.url));

/** File name and text of each. */
export function renderVectors(): ReadonlyMap<string, string> {
  const files = {
    'bundle.json': bundleVectors(),
    'checkpoint.json': checkpointVectors(),
    'commitment.json': commitmentVectors(),
    'consistency.json': consistencyVectors(),
    'digest.json': digestVectors(),
    'inclusion.json': inclusionVectors(),
    'tlog-proof.json': tlogProofVectors(),
  };
  return new Map(Object.entries(files).map(([name, file]) => [name, render(file)]));
}

/** A case a line: a change shows as that line in review. */
function render({ format, about, cases }: VectorFile): string {
  const lines = cases.map((one) => `    ${JSON.stringify(one)}`).join(',\n');
  return `{\n  "format": ${JSON.stringify(format)},\n  "about": ${JSON.stringify(about)},\n  "cases": [\n${lines}\n  ]\n}\n`;
}

if (import.meta.main) {
  mkdirSync(VECTORS_FOLDER, { recursive: true });
  for (const [name, text] of renderVectors()) writeFileSync(path.join(VECTORS_FOLDER, name), text);
  console.log(`wrote ${VECTORS_FOLDER}`);
}

// Copies of one laboratory result, held against what was recorded: the exact one, harmless ones, a forged one.

import { outcomeWithReasons, verdictFindings } from '../findings.ts';
import { reserialise } from '../other-server.ts';
import type { Scene, Step, StepOutcome } from '../step.ts';
import { changed, HBA1C } from '../subjects.ts';

const VALUE = '"value": 6.30';

export const exactCopy: Step = {
  name: 'The exact copy',
  story:
    'An HbA1c of 6.30 % is checked against version 2 of the record. The service says what it finds; an auditor with ' +
    "the proof, the log's public key and his own connection to the chain comes to the same. (`superseded`: the result " +
    'was amended a day later, and the ledger knows.)',
  headline: 'verdict',
  expected: {
    verdict: 'identical',
    flags: 'superseded',
    'failed checks': 'none',
    outcome: 'intact',
    auditor: 'intact, confirmed',
  },
  act: async ({ client, auditor }) => {
    const report = await client.verify(HBA1C.name, HBA1C.content, HBA1C.mediaType);
    const { outcome, status } = await auditor.check(await client.bundle(HBA1C.name), HBA1C);
    return { found: { ...verdictFindings(report), auditor: `${outcome}, ${status}` } };
  },
};

export const reserialised: Step = {
  name: 'From another server',
  story:
    'The same result as another FHIR server hands it out: keys reordered, other white space, other `meta`, the ' +
    'narrative generated anew.',
  headline: 'verdict',
  expected: {
    verdict: 'equal-exact',
    flags: 'narrative-changed, superseded',
    'failed checks': 'none',
    outcome: 'intact',
    auditor: 'intact',
  },
  act: (scene) => compare(scene, reserialise(HBA1C.content)),
};

export const lessPrecise: Step = {
  name: '6.30 became 6.3',
  story: 'A program that reads decimals as floating-point numbers has dropped the trailing zero.',
  headline: 'verdict',
  expected: {
    verdict: 'equal',
    flags: 'precision-differs, superseded',
    'failed checks': 'none',
    outcome: 'intact',
    auditor: 'intact',
  },
  act: (scene) => compare(scene, changed(HBA1C.content, VALUE, '"value": 6.3')),
};

export const oneDigit: Step = {
  name: 'One digit changed',
  story: '6.30 became 6.80. Nothing else differs.',
  headline: 'verdict',
  expected: {
    verdict: 'altered',
    flags: 'none',
    'failed checks': 'content (CONTENT_ALTERED)',
    outcome: 'altered',
    auditor: 'altered: content (CONTENT_ALTERED)',
  },
  act: (scene) => compare(scene, changed(HBA1C.content, VALUE, '"value": 6.80')),
};

async function compare({ client, auditor }: Scene, content: Uint8Array): Promise<StepOutcome> {
  const report = await client.verify(HBA1C.name, content, HBA1C.mediaType);
  const audited = await auditor.check(await client.bundle(HBA1C.name), { content, mediaType: HBA1C.mediaType });
  return { found: { ...verdictFindings(report), auditor: outcomeWithReasons(audited) } };
}

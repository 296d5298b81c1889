// Record versions in, anchored on chain.

import { openCheckpoint, noteVerifier, toHex } from '@medanchor/verifier';
import { SAMPLE_HISTORY, toSubmission } from '../../sample/sample-history.ts';
import { answerTo } from '../findings.ts';
import { readHead } from '../registry.ts';
import type { Step } from '../step.ts';
import { changed, HBA1C } from '../subjects.ts';

const COUNT = String(SAMPLE_HISTORY.length);

export const submit: Step = {
  name: 'Records in',
  story:
    `A hospital submits the history of an invented patient: ${COUNT} versions of FHIR resources and one HL7 v2 message. ` +
    'Each is hashed and forgotten; only salted commitments are kept.',
  headline: 'recorded',
  expected: { recorded: COUNT, 'sent again': 'the first receipt' },
  act: async ({ client }) => {
    const receipts = [];
    for (const version of SAMPLE_HISTORY) receipts.push(await client.submit(toSubmission(version)));
    const indexes = new Set(receipts.map(({ index }) => index));
    const [first] = SAMPLE_HISTORY;
    const again = first === undefined ? undefined : await client.submit(toSubmission(first));
    const same = again !== undefined && again.leafHash === receipts[0]?.leafHash && again.index === receipts[0].index;
    return { found: { recorded: String(indexes.size), 'sent again': same ? 'the first receipt' : 'another entry' } };
  },
};

export const refuseOtherContent: Step = {
  name: 'Own history rewritten',
  story: 'The hospital itself submits version 2 of a result again, with another value in it.',
  headline: 'answer',
  expected: { answer: '409 history-rewritten', alarm: 'history-rewritten' },
  act: async ({ client }) => {
    const content = changed(HBA1C.content, '"value": 6.30', '"value": 5.30');
    const again = client.submit({ ...HBA1C.name, activity: 'update', content, mediaType: HBA1C.mediaType });
    return { found: { answer: await answerTo(again), alarm: (await client.alarms())[0] ?? 'none' } };
  },
};

export const anchor: Step = {
  name: 'Anchored',
  story:
    "The log's head goes to a contract on the chain. Asked directly, the contract names the same size and root as the " +
    'signed checkpoint.',
  headline: 'contract and checkpoint',
  expected: { confirmed: `${COUNT} of ${COUNT}`, 'contract and checkpoint': 'the same head' },
  act: async (scene) => {
    await scene.client.submit(toSubmission(lastVersion()), { wait: 'confirmed', timeoutMs: 30_000 });
    const { sizes, origin } = await scene.client.log();
    const head = await readHead(scene);
    const note = Buffer.from(await scene.client.tile('checkpoint')).toString('utf8');
    const checkpoint = openCheckpoint(note, [noteVerifier(scene.auditor.verifierKey)]);
    const same = checkpoint.size === head.size && toHex(checkpoint.root) === toHex(head.root);
    const [latest] = await scene.client.anchors();
    return {
      found: {
        confirmed: `${sizes.confirmed} of ${sizes.sequenced}`,
        'contract and checkpoint': same ? 'the same head' : 'two heads',
      },
      notes: [`log ${origin}, transaction ${latest?.transaction ?? 'none'} in block ${latest?.block ?? 'none'}`],
    };
  },
};

function lastVersion(): (typeof SAMPLE_HISTORY)[number] {
  const last = SAMPLE_HISTORY.at(-1);
  if (last === undefined) throw new Error('the sample is empty');
  return last;
}

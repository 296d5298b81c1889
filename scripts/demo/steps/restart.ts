// Everything off and on again: what was anchored before must verify with the same transaction.

import { parseBundle } from '@medanchor/verifier';
import { outcomeWithReasons } from '../findings.ts';
import type { LedgerClient } from '../../sample/ledger-client.ts';
import type { Step } from '../step.ts';
import { HBA1C } from '../subjects.ts';

export const restart: Step = {
  name: 'Restart',
  story:
    'Service, chain and database are stopped and started again. The local chain forgets everything when it ends and is ' +
    'rebuilt from its journal.',
  headline: 'the old proof',
  expected: {
    'the old proof': 'intact',
    'a new proof': 'the same, to the octet',
    transaction: 'the same',
    'state of the anchors': 'confirmed, visible',
    service: 'intact',
  },
  act: async (scene) => {
    const before = await scene.client.bundle(HBA1C.name);
    await scene.restart();
    await untilChainIsSeen(scene.client);
    const audited = await scene.auditor.check(before, HBA1C);
    const after = await scene.client.bundle(HBA1C.name);
    const [was, is] = [before, after].map((text) => parseBundle(text).anchor?.transaction);
    const anchors = await scene.client.anchors();
    const report = await scene.client.verify(HBA1C.name, HBA1C.content, HBA1C.mediaType);
    return {
      found: {
        'the old proof': outcomeWithReasons(audited),
        'a new proof': after === before ? 'the same, to the octet' : 'another one',
        transaction: was !== undefined && was === is ? 'the same' : `${String(was)}, now ${String(is)}`,
        'state of the anchors': [
          ...new Set(anchors.map(({ state, visible }) => `${state}, ${visible ? 'visible' : 'not visible'}`)),
        ].join('; '),
        service: outcomeWithReasons(report),
      },
      notes: [`transaction ${String(is)}`],
    };
  },
};

/** A service that has just started claims no anchor before it has looked at the chain itself; that takes it a moment. */
async function untilChainIsSeen(client: LedgerClient): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    if ((await client.anchors()).every(({ visible }) => visible)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

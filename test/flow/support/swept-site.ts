// A site for the stories of the tamper sweep: 300 entries, of which the first eight are batches of their own, confirmed on
// chain, and the service stopped.
//
//   index  0  1  2  3  4  5  6     7
//   record a  b  c  d  e  f  a(2)  b(2)      from 8 on: r8 … r299, one version each

import { observation } from './records.ts';
import { eventually, Site } from './site.ts';

export async function openSweptSite(): Promise<Site> {
  const site = await Site.open();
  try {
    const service = await site.start();
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await service.api.submit(observation(id, '1', '4.10'));
    await service.api.submit(observation('a', '2', '4.20'));
    await service.api.submit(observation('b', '2', '4.20'));
    await service.api.submitMany(Array.from({ length: 292 }, (_, at) => observation(`r${at + 8}`, '1', `4.${at}1`)));
    await eventually(
      'confirmation',
      () => service.api.log(),
      (log) => log.sizes.confirmed === '300',
    );
    await service.stop();
    return site;
  } catch (error) {
    await site.close();
    throw error;
  }
}

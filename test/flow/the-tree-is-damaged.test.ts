// A tile is edited, or the tail of the log is cut off: while the service runs, proofs fail and nothing is built on the
// damage; at the next start the service refuses, or sees that the contract holds more than it does.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Auditor, failures } from './support/auditor.ts';
import { observation } from './support/records.ts';
import { eventually, Site, type RunningService } from './support/site.ts';

const COUNT = 11;

let site: Site;
let service: RunningService;
// The last entry: only a checkpoint of all twelve covers it, so its proof depends on each of them.
const last = observation('last', '1', '4.99');
const versions = Array.from({ length: COUNT }, (_, at) => observation(`o${at}`, '1', `4.${at}0`));

beforeEach(async () => {
  site = await Site.open();
  service = await site.start();
  await service.api.submitMany(versions);
  await service.api.submit(last);
  await eventually(
    'confirmation',
    () => service.api.log(),
    (log) => log.sizes.confirmed === '12',
  );
}, 60_000);

afterEach(async () => {
  await site.close();
});

/** The hash of entry 5 in the only tile of this small tree. */
const EDIT_TILE = `UPDATE tile SET hashes = overlay(hashes PLACING sha256('forged') FROM 5 * 32 + 1) WHERE level = 0 AND n = 0`;

describe('a tile is edited', () => {
  test('while the service runs: what it still knows of the tree proves as before, and nothing is built on the damage', async () => {
    const kept = await service.api.bundle(last);
    await site.tamper(EDIT_TILE);
    // Whether the anchor may still be shown depends on who notices first; that nothing fails does not.
    const { body } = await service.api.verify(last);
    expect([body.verdict, failures(body)]).toEqual(['identical', []]);
    const proven = await new Auditor(site.chain).audit(await service.api.bundle(last), last);
    expect(failures(proven)).toEqual([]);
    expect((await new Auditor(site.chain).audit(kept, last)).outcome).toBe('intact');
    expect((await service.api.submit(observation('later', '1', '5.00'))).status).toBe(201);
    await eventually(
      'the refusal to grow',
      () => service.api.health(),
      ({ body }) => body.parts['stages']?.code === 'stage-failed' && body.parts['chain']?.code === 'chain-mismatch',
    );
  }, 30_000);

  test('before it was read: proofs fail, no checkpoint and no anchor is built on it, the chain’s head is not ours', async () => {
    const kept = await service.api.bundle(last);
    await service.stop();
    service = await site.start();
    await site.tamper(EDIT_TILE);
    const { body } = await service.api.verify(last);
    expect(failures(body)).toEqual(['inclusion: INCLUSION_MISMATCH']);
    expect(body.outcome).toBe('altered');
    const proof = await service.api.proofProblem(last);
    expect([proof.status, proof.body.code]).toEqual([500, 'integrity-fault']);

    expect((await service.api.submit(observation('later', '1', '5.00'))).status).toBe(201);
    const { body: health } = await eventually(
      'the refusal to grow',
      () => service.api.health(),
      ({ body }) => body.parts['stages']?.code === 'stage-failed' && body.parts['chain']?.code === 'chain-mismatch',
    );
    expect(health.status).toBe('degraded');
    expect((await service.api.log()).sizes).toEqual({
      sequenced: '13',
      integrated: '12',
      checkpointed: '12',
      anchored: '0',
      confirmed: '0',
    });
    const auditor = new Auditor(site.chain);
    expect((await auditor.audit(kept, last)).outcome).toBe('intact');
  }, 30_000);

  test('while the service is down: the start is refused', async () => {
    await service.stop();
    await site.tamper(EDIT_TILE);
    await expect(site.start()).rejects.toThrow("the tiles do not hash to the tree's root at size 12");
  }, 30_000);
});

describe('the tail is cut off', () => {
  test('the last entries are deleted behind a checkpoint: the start is refused', async () => {
    await service.stop();
    await site.tamper('DELETE FROM version WHERE index >= 4');
    await site.tamper('DELETE FROM entry_batch WHERE first_index >= 4 OR first_index + entry_count > 4');
    await expect(site.start()).rejects.toThrow('12 entries were sequenced, but the stored ones end at');
  }, 30_000);

  test('the sequence is set back too: the tree is longer than the log', async () => {
    await service.stop();
    await site.tamper('DELETE FROM entry_batch');
    await site.tamper('UPDATE log_sequence SET next_index = 0');
    await expect(site.start()).rejects.toThrow('the tree has 12 entries, but only 0 were sequenced');
  }, 30_000);

  test('the tree is set back behind its checkpoint: an old database?', async () => {
    await service.stop();
    await site.tamper(`UPDATE log_tree SET size = 0, root = sha256('')`);
    await expect(site.start()).rejects.toThrow('a checkpoint of size 12 is signed, but the tree has only 0 entries');
  }, 30_000);

  test('everything is set back without a trace: the contract knows that there was more', async () => {
    await service.stop();
    for (const table of ['anchor', 'version', 'entry_batch', 'tile', 'checkpoint'])
      await site.tamper(`DELETE FROM ${table}`);
    await site.tamper(`UPDATE log_tree SET size = 0, root = sha256('')`);
    await site.tamper('UPDATE log_checkpoint SET size = 0, root = NULL');
    await site.tamper('UPDATE log_sequence SET next_index = 0');
    await site.tamper('UPDATE record SET head_seq = 0, head_leaf = NULL');
    const cut = await site.start();
    const { chain } = await eventually(
      'the mismatch',
      () => cut.api.log(),
      (log) => log.chain.state === 'chain-mismatch',
    );
    expect(chain.detail).toBe('the contract holds size 12, this log has only 0 entries (an old backup?)');
    // Accepted, but not signed: the true key signed another tree of that size before.
    expect((await cut.api.submit(observation('later', '1', '5.00'), 'integrated')).body.state).toBe('integrated');
    expect((await cut.api.log()).sizes.checkpointed).toBe('0');
    expect((await cut.api.log()).sizes.anchored).toBe('0');
  }, 30_000);
});

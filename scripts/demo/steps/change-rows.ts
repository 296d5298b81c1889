// The operator changes rows in the database: first a single one, then every row that could give him away.

import {
  commitment,
  componentCommitment,
  digestRecord,
  formatBundle,
  formatEntry,
  leafHash,
  parseBundle,
  parseEntry,
  type Bundle,
  type Opening,
} from '@medanchor/verifier';
import type pg from 'pg';
import { answerTo, outcomeWithReasons, verdictFindings } from '../findings.ts';
import { findEntry, replaceEntry, withDatabase, withoutTriggers, type EntryRow } from '../database.ts';
import type { Step } from '../step.ts';
import { changed, CREATININE, GLUCOSE } from '../subjects.ts';

export const backdate: Step = {
  name: 'Database: backdated',
  story:
    "The database's owner backdates an entry of the log by a year. A plain UPDATE is refused by a trigger; with the " +
    'triggers switched off it goes through. The service finds it when somebody asks, and an auditor who is handed a ' +
    'proof with the backdated entry finds it, too.',
  headline: 'service',
  expected: {
    'plain UPDATE': 'refused: the ledger is append-only',
    service: 'altered: inclusion (INCLUSION_MISMATCH), version-chain (VERSION_CHAIN_BROKEN)',
    'asked for a proof': '500 integrity-fault',
    alarm: 'integrity-fault',
    auditor: 'altered: inclusion (INCLUSION_MISMATCH)',
    'put back': 'intact',
  },
  act: (scene) =>
    withDatabase(scene, async (database) => {
      const { client, auditor } = scene;
      const genuine = parseBundle(await client.bundle(GLUCOSE.name));
      const row = await findEntry(database, GLUCOSE.name);
      const backdated = yearBefore(row.entry);
      const plain = await attempt(() => replaceEntry(database, row, backdated));
      await withoutTriggers(database, () => replaceEntry(database, row, backdated));
      const service = await client.verify(GLUCOSE.name, GLUCOSE.content, GLUCOSE.mediaType);
      const proof = await answerTo(client.bundle(GLUCOSE.name));
      const [alarm = 'none'] = await client.alarms();
      const audited = await auditor.check(formatBundle({ ...genuine, entry: parseEntry(backdated) }));
      await withoutTriggers(database, () => replaceEntry(database, row, row.entry));
      const restored = await client.verify(GLUCOSE.name, GLUCOSE.content, GLUCOSE.mediaType);
      return {
        found: {
          'plain UPDATE': plain,
          service: outcomeWithReasons(service),
          'asked for a proof': proof,
          alarm,
          auditor: outcomeWithReasons(audited),
          'put back': outcomeWithReasons(restored),
        },
      };
    }),
};

export const falseValue: Step = {
  name: 'Database: a false value',
  story:
    'The operator wants a creatinine of 0.90 to have been 0.60. He knows every key, so he writes commitments of the ' +
    'false value into the log entry, makes all other rows fit, and puts a proof together by hand. Now the false copy ' +
    'opens the commitments. Only the tree does not know this entry: its root is on the chain.',
  headline: 'failed checks',
  expected: {
    verdict: 'identical',
    flags: 'none',
    'failed checks': 'inclusion (INCLUSION_MISMATCH)',
    outcome: 'altered',
    'asked for a proof': '500 integrity-fault',
    auditor: 'altered: inclusion (INCLUSION_MISMATCH)',
    'put back': 'intact',
  },
  act: (scene) =>
    withDatabase(scene, async (database) => {
      const { client, auditor } = scene;
      const { name, mediaType } = CREATININE;
      const content = changed(CREATININE.content, '"value": 0.90', '"value": 0.60');
      const genuine = parseBundle(await client.bundle(name));
      const row = await findEntry(database, name);
      const truth = await readRows(database, row);
      const forged = forgeVersion(genuine, content);
      await withoutTriggers(database, () => writeRows(database, row, rowsOf(forged)));
      const report = await client.verify(name, content, mediaType);
      const proof = await answerTo(client.bundle(name));
      const audited = await auditor.check(formatBundle(forged), { content, mediaType });
      await withoutTriggers(database, () => writeRows(database, row, truth));
      const restored = await client.verify(name, CREATININE.content, mediaType);
      return {
        found: {
          ...verdictFindings(report),
          'asked for a proof': proof,
          auditor: outcomeWithReasons(audited),
          'put back': outcomeWithReasons(restored),
        },
      };
    }),
};

/** Everything that the database says about one version, beside the tiles and checkpoints that are public. */
interface VersionRows {
  readonly entry: Uint8Array;
  readonly leaf: Uint8Array;
  readonly commitments: Uint8Array;
}

async function readRows(database: pg.Client, row: EntryRow): Promise<VersionRows> {
  const { rows } = await database.query<{ leaf: Buffer; commitments: Buffer }>(
    'SELECT leaf_hash AS leaf, component_commitments AS commitments FROM version WHERE record = $1 AND seq = $2',
    [row.record, row.seq],
  );
  const [version] = rows;
  if (version === undefined) throw new Error('the version is gone');
  return { entry: row.entry, ...version };
}

async function writeRows(database: pg.Client, row: EntryRow, { entry, leaf, commitments }: VersionRows): Promise<void> {
  await replaceEntry(database, row, entry);
  await database.query(
    'UPDATE entry_batch SET leaf_hashes = overlay(leaf_hashes PLACING $1 FROM $2) WHERE first_index = $3',
    [leaf, 32 * row.position + 1, row.batchFirst],
  );
  await database.query('UPDATE version SET leaf_hash = $1, component_commitments = $2 WHERE record = $3 AND seq = $4', [
    leaf,
    commitments,
    row.record,
    row.seq,
  ]);
  await database.query('UPDATE record SET head_leaf = $1 WHERE id = $2 AND head_seq = $3', [leaf, row.record, row.seq]);
}

/** Commitments of the false content under the true salts, which the operator has. `fields` cannot be opened and stays. */
function forgeVersion(genuine: Bundle, content: Uint8Array): Bundle & { readonly opening: Opening } {
  const { entry, opening } = genuine;
  if (opening === null || entry.kind !== 'record-version') throw new Error('this is no proof of a record version');
  const digests = new Map(
    digestRecord(content, CREATININE.mediaType, CREATININE.name).components.map(({ name, digest }) => [name, digest]),
  );
  const components = opening.components.map((component) => {
    const digest = digests.get(component.name);
    if (component.salt === undefined || digest === undefined) return component;
    return { ...component, commitment: componentCommitment(component.salt, digest) };
  });
  return {
    ...genuine,
    entry: { ...entry, commitment: commitment(opening.scheme, components) },
    opening: { ...opening, components },
  };
}

function rowsOf({ entry, opening }: Bundle & { readonly opening: Opening }): VersionRows {
  const octets = formatEntry(entry);
  return {
    entry: octets,
    leaf: leafHash(octets),
    commitments: Buffer.concat(opening.components.map((component) => component.commitment)),
  };
}

function yearBefore(entry: Uint8Array): Buffer {
  const text = Buffer.from(entry).toString('utf8');
  return Buffer.from(text.replace(/(?<="time":")\d{4}/, (year) => String(Number(year) - 1)));
}

async function attempt(work: () => Promise<void>): Promise<string> {
  try {
    await work();
    return 'accepted';
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return said.includes('the ledger is append-only') ? 'refused: the ledger is append-only' : said;
  }
}

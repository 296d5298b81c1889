// Whether the restored access log is whole: the same checks as the tamper sweep's, on the rows that are loaded and not yet visible.
import type pg from 'pg';
import { AccessSweep } from '../ledger/fsck/access-sweep.ts';
import { Pace } from '../ledger/fsck/pace.ts';
import { type AccessSource } from '../ledger/store/access-source.port.ts';
import { type FsckFinding } from '../ledger/store/fsck-finding.ts';

/** Findings that are told one by one. */
const TOLD = 20;

/** Reads on the connection of the load. */
export type AccessSourceOf = (client: pg.Client, log: number) => AccessSource;

/** @returns what is wrong, in words; nothing for a backup that is older than the access log */
export async function proveAccessLog(
  client: pg.Client,
  origin: string,
  sourceOf: AccessSourceOf,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: number; there: boolean }>(
    `SELECT id, to_regclass('access_event') IS NOT NULL AS there FROM log WHERE origin = $1`,
    [origin],
  );
  const [log] = rows;
  if (log?.there !== true) return [];
  const found: FsckFinding[] = [];
  const findings = { add: (one: FsckFinding) => void found.push(one), flush: async () => [] };
  await new AccessSweep(sourceOf(client, log.id), findings, new Pace('foreground', undefined)).run(0n);
  const told = found.slice(0, TOLD).map(({ detail }) => detail);
  return found.length > TOLD ? [...told, `and ${found.length - TOLD} more in the access log`] : told;
}

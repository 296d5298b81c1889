// Acts that no request stands behind: what the operator does with a command at the machine, and what the service does by itself.
// Both are told in the access log like what was asked for by request (docs/spec/formats.md section 11.1).
import { type AccessEvent, type AccessLog, type Queryable } from './access-log.port.ts';
import { OPERATOR_TENANT } from './principal.ts';

/** Who acts and what they do, for an event of the access log. */
export type Unattended = Omit<AccessEvent, 'outcome' | 'entity' | 'tenantId'>;

/** Whose accounts the operator's are: the operating system's, which is asked for no name. */
const OPERATING_SYSTEM = 'urn:medanchor:operating-system';
const SERVICE = 'urn:medanchor:service';

/**
 * The operator, who needs no token: whoever may run the command may read its keys. The operating system's user id is all that is
 * known of them (`uid:1000`), or `uid:unknown` where there is none (Windows).
 *
 * @param command as it is typed: `rotate-kek`
 */
export function byOperator(command: string, action: AccessEvent['action']): Unattended {
  const uid = process.getuid?.() ?? 'unknown';
  return unattended(action, 'operator', { issuer: OPERATING_SYSTEM, subject: `uid:${uid}`, clientId: command });
}

/** The service by itself. @param part which of its works: `retention` */
export function byService(part: string, action: AccessEvent['action']): Unattended {
  return unattended(action, 'service', { issuer: SERVICE, subject: part, clientId: part });
}

function unattended(
  action: AccessEvent['action'],
  kind: 'operator' | 'service',
  who: { readonly issuer: string; readonly subject: string; readonly clientId: string },
): Unattended {
  return {
    action,
    caller: { kind, ...who, roles: new Set(), sessionId: null },
    // Nobody was asked: the policy is about requests.
    decision: null,
    purposeOfUse: null,
    breakGlass: null,
    address: null,
    requestId: null,
  };
}

/** Records an act that concerns all tenants, in its own transaction: in the chain of the operator's tenant, whose auditors may read it. */
export async function recordUnattended(
  log: AccessLog,
  transaction: Queryable,
  by: Unattended,
  entity: AccessEvent['entity'],
): Promise<void> {
  const { rows } = (await transaction.query('SELECT id FROM tenant WHERE name = $1', [OPERATOR_TENANT])) as {
    rows: readonly { readonly id: string }[];
  };
  await log.recordWithin(transaction, { ...by, tenantId: rows[0]?.id ?? null, outcome: 'success', entity });
}

/** The tenants of sources, by the sources' ids. */
export async function tenantsOf(
  transaction: Queryable,
  sourceIds: Iterable<string>,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = (await transaction.query('SELECT id, tenant_id AS tenant FROM source WHERE id = ANY($1::uuid[])', [
    [...new Set(sourceIds)],
  ])) as { rows: readonly { readonly id: string; readonly tenant: string }[] };
  return new Map(rows.map(({ id, tenant }) => [id, tenant]));
}

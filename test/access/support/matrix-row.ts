// A row of the matrix of roles and routes, and what its rows send.

import type { Role } from '../../../api/src/platform/auth/principal.ts';
import type { Sent } from '../../api/support/http.ts';

export interface Row {
  /** As the OpenAPI document has it. */
  readonly route: string;
  readonly path: string;
  readonly sent?: Sent | (() => Sent);
  /** `everybody`: no token needed. */
  readonly who: 'everybody' | readonly Role[];
  /** Status for them, in the tenant that has the record. */
  readonly own: number;
  /** Status for the same roles in another tenant. */
  readonly other: number;
  /** What it writes would be found by other rows: it comes after all of them. */
  readonly last?: true;
}

export function asJson(body: string, method = 'POST'): Sent {
  return { method, headers: { 'content-type': 'application/json' }, body };
}

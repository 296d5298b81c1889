// The lines of one request: each counts for the limit of its client, and each source that they name is decided, and recorded,
// once, unless its caller's access ends while the lines come.
import { type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { type RateLimits } from '../../platform/http/rate-limits.ts';
import { type Asked, type Gate } from './gate.ts';

export interface LineOfSource {
  readonly source: string;
}

/** Names come from requests: the memory of them is bounded. */
const REMEMBERED = 10_000;

export class LineGate {
  readonly #gate: Gate;
  readonly #limits: RateLimits;
  readonly #asked: Asked;
  readonly #decided = new Map<string, Promise<Error | null>>();
  #over = false;

  constructor(gate: Gate, limits: RateLimits, access: RequestAccess, route: string) {
    this.#gate = gate;
    this.#limits = limits;
    this.#asked = {
      principal: access.caller,
      action: access.action as Asked['action'],
      source: null,
      route,
      purpose: access.purposeOfUse,
      // Of a request that names no source, the gate has refused the header: no glass was in the way.
      breakGlass: null,
      address: access.address,
      requestId: access.requestId ?? '',
    };
  }

  /**
   * In order: the line, or why its caller may not name its source.
   *
   * @throws {DomainError} `rate-limited`, for all of the lines
   */
  async allow<L extends LineOfSource>(lines: readonly L[]): Promise<readonly (L | Error)[]> {
    await this.#limits.takeClient(this.#asked.principal, lines.length);
    this.#forgetWhenOver();
    const refusals = new Map<string, Error | null>();
    for (const source of new Set(lines.map((line) => line.source))) refusals.set(source, await this.#decide(source));
    return lines.map((line) => refusals.get(line.source) ?? line);
  }

  /** Lines may come for longer than their caller has access. */
  #forgetWhenOver(): void {
    if (this.#over || !this.#gate.isOver(this.#asked.principal)) return;
    this.#over = true;
    this.#decided.clear();
  }

  #decide(source: string): Promise<Error | null> {
    const known = this.#decided.get(source);
    if (known !== undefined) return known;
    const decision = this.#gate.admit({ ...this.#asked, source }).then(
      () => null,
      (error: unknown) => error as Error,
    );
    if (this.#decided.size >= REMEMBERED) this.#decided.clear();
    this.#decided.set(source, decision);
    return decision;
  }
}

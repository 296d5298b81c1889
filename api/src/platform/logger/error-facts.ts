// What of an error may stand in the log. Libraries hang data on their errors that must not: PostgreSQL's `detail` quotes
// whole rows (record ids, wrapped keys), TypeORM adds the parameters of the query, ethers the request.

export interface ErrorFacts {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorFacts;
  /** PostgreSQL: which constraint was violated; a name from our own migrations. */
  readonly constraint?: string;
}

const MAX_CAUSES = 5;

/** Type, message, code, stack and causes; nothing else. */
export function errorFacts(error: unknown, depth = 0): ErrorFacts {
  if (!Error.isError(error)) return { type: typeof error, message: 'a value was thrown that is not an error' };
  const { name, message, stack, cause } = error;
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return {
    type: name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof constraint === 'string' ? { constraint } : {}),
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined || depth >= MAX_CAUSES ? {} : { cause: errorFacts(cause, depth + 1) }),
  };
}

// Tells "the database cannot be reached" and "it has no room" from every other failure: these are nobody's fault, pass, and
// are safe to retry.

/** SQLSTATE: class 08 connection, 53300 too many, 57P0x shut down or starting, 55000 connections not accepted. */
const SQL_STATE = /^(08...|53300|57P0[1235]|55000)$/;

const SYSTEM = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);

/** What node-postgres says without a code of its own. */
const MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** @param error thrown by a query, in a transaction, or when a connection was to be made */
export function isConnectionLoss(error: unknown): boolean {
  if (!Error.isError(error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return SQL_STATE.test(code) || SYSTEM.has(code);
  return MESSAGE.test(error.message);
}

/** SQLSTATE 53100 disk full, 53200 out of memory, 58030 an error of input or output. */
const NO_ROOM = /^(53100|53200|58030)$/;

/** The database is there and cannot store anything now: it passes when somebody has made room, and is safe to retry. */
export function isOutOfRoom(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return Error.isError(error) && typeof code === 'string' && NO_ROOM.test(code);
}

// Tells "the database cannot be reached" from every other failure: that one is nobody's fault, passes, and is safe to retry.

/** SQLSTATE: class 08 connection, 53300 too many, 57P0x shut down or starting, 55000 connections not accepted. */
const SQL_STATE = /^(08...|53300|57P0[1235]|55000)$/;

const SYSTEM = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);

/** What node-postgres says without a code of its own. */
const MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** @param error thrown by a query, in a transaction, or when a connection was to be made */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return SQL_STATE.test(code) || SYSTEM.has(code);
  return MESSAGE.test(error.message);
}

// A place where the service writes something that lasts, as it is seen on its two lines: a statement that changes a table,
// a COMMIT of such statements, or a transaction handed to the chain.

/** What a line does with the message that it has just read. */
export type Fate =
  | 'pass'
  /** The other side never sees it; the line is severed. */
  | 'die-before'
  /** The other side does it and answers; the answer is lost, the line is severed. */
  | 'die-after';

/** Asked for every write point, in the order in which they come by. */
export type Judge = (point: string) => Fate;

const CHANGES = /^\s*(INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE|TRUNCATE)\s+"?([a-z_]+)"?/i;

/** Null for a statement that changes nothing that lasts. A prepared statement is known by its name. */
export function writePointOf(name: string, text: string): string | null {
  const found = CHANGES.exec(text);
  if (found === null) return null;
  const change = (found[1] ?? '').toUpperCase();
  // One transaction makes all tables: its COMMIT is the point that matters.
  if (change === 'CREATE TABLE') return change;
  return name === '' ? `${change} ${found[2] ?? ''}` : name;
}

/** Of a transaction whose last change was `written`. Named statements begin with their stage: their order may change. */
export function commitOf(written: string): string {
  const [stage = '', ...rest] = written.split('-');
  return rest.length === 0 ? `COMMIT after ${written}` : `COMMIT of ${stage}`;
}

// What of an error reaches the log, and which errors mean that the database cannot be reached.

import { describe, expect, test } from '@jest/globals';
import { isConnectionLoss, isOutOfRoom } from '../../api/src/platform/database/connection-loss.ts';
import { errorFacts } from '../../api/src/platform/logger/error-facts.ts';
import { createLogger } from '../../api/src/platform/logger/logger.ts';

/** As node-postgres makes it: PostgreSQL's detail quotes the row. */
function rowQuoted(): Error {
  return Object.assign(new Error('new row for relation "version" violates check constraint "version_seq_check"'), {
    name: 'error',
    code: '23514',
    constraint: 'version_seq_check',
    detail: 'Failing row contains (1, Patient/secret, \\x0102).',
    where: 'COPY version, line 1: "Patient/secret"',
  });
}

describe('errorFacts', () => {
  test('keeps type, message, code, constraint and stack, and drops what was hung on the error', () => {
    const facts = errorFacts(rowQuoted());
    expect(Object.keys(facts).sort()).toEqual(['code', 'constraint', 'message', 'stack', 'type']);
    expect([facts.type, facts.code, facts.constraint]).toEqual(['error', '23514', 'version_seq_check']);
    expect(JSON.stringify(facts)).not.toContain('Patient/secret');
  });

  test('keeps causes in the same way, up to five', () => {
    let error: Error = rowQuoted();
    for (let depth = 1; depth <= 7; depth += 1) error = new Error(`level ${depth}`, { cause: error });
    const messages: string[] = [];
    for (let facts = errorFacts(error), next = facts.cause; ; facts = next, next = facts.cause) {
      messages.push(facts.message);
      if (next === undefined) break;
    }
    expect(messages).toEqual(['level 7', 'level 6', 'level 5', 'level 4', 'level 3', 'level 2']);
    expect(errorFacts(new Error('outer', { cause: rowQuoted() })).cause?.code).toBe('23514');
  });

  test('shows nothing of a thrown value that is no error', () => {
    expect(errorFacts('Patient/secret')).toEqual({
      type: 'string',
      message: 'a value was thrown that is not an error',
    });
    expect(errorFacts({ message: 'Patient/secret' }).type).toBe('object');
  });

  test('an error without a stack, and a code that is a number', () => {
    const error = Object.assign(new Error('bare'), { code: 7 });
    delete error.stack;
    expect(errorFacts(error)).toEqual({ type: 'Error', message: 'bare' });
  });

  test('is what the service’s logger writes', () => {
    const written: string[] = [];
    const logger = createLogger('info', { write: (line) => void written.push(line) });
    logger.error({ err: new Error('outer', { cause: rowQuoted() }) }, 'a batch failed');
    expect(written).toHaveLength(1);
    expect(JSON.parse(written[0] as string)).toMatchObject({
      level: 50,
      msg: 'a batch failed',
      err: { type: 'Error', message: 'outer', cause: { code: '23514' } },
    });
    expect(written[0]).not.toContain('Patient/secret');
  });
});

describe('isConnectionLoss', () => {
  const withCode = (code: unknown): Error => Object.assign(new Error('something'), { code });

  test.each(['57P01', '57P02', '57P03', '08006', '08000', '53300', '55000', 'ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND'])(
    '%s: the database cannot be reached',
    (code) => {
      expect(isConnectionLoss(withCode(code))).toBe(true);
    },
  );

  test.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
  ])('"%s": the database cannot be reached', (message) => {
    expect(isConnectionLoss(new Error(message))).toBe(true);
  });

  test.each(['23505', '23514', '40001', '40P01', '42P01', '22P02', '57014', 'ERR_INVALID_ARG_TYPE', ''])(
    'code %j: something else',
    (code) => {
      expect(isConnectionLoss(withCode(code))).toBe(false);
    },
  );

  test.each([
    ['another message', new Error('a Connection terminated somewhere')],
    ['a code that is a number', withCode(8006)],
    ['a text', 'ECONNREFUSED'],
    ['nothing', undefined],
  ])('%s: something else', (_what, error) => {
    expect(isConnectionLoss(error)).toBe(false);
  });
});

describe('isOutOfRoom', () => {
  test.each([
    ['53100', true],
    ['53200', true],
    ['58030', true],
    ['53300', false],
    ['23505', false],
    ['ECONNREFUSED', false],
    [53100, false],
  ])('code %j: %s', (code, expected) => {
    expect(isOutOfRoom(Object.assign(new Error('could not extend file'), { code }))).toBe(expected);
    expect(isOutOfRoom({ code })).toBe(false);
  });
});

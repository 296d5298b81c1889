// toProblem: which status and code an error has, and that a fault of ours shows nothing of itself.

import { HttpException, InternalServerErrorException, NotFoundException } from '@nestjs/common';
import { describe, expect, test } from '@jest/globals';
import { InvariantError, VerifyError } from '@medanchor/verifier';
import { DomainError } from '../../api/src/platform/errors/domain-error.ts';
import { toProblem } from '../../api/src/platform/http/problem.filter.ts';
import { httpProblem, internalProblem, PROBLEMS, problemOf } from '../../api/src/platform/http/problem.ts';

describe('an error of the domain', () => {
  test('carries its code, its sentence and its further members', () => {
    const error = new DomainError('overloaded', '4096 submissions are in flight', { retryAfterSeconds: 1 });
    expect(toProblem(error)).toEqual({
      type: 'urn:medanchor:problem:overloaded',
      title: 'Too much is in flight',
      status: 503,
      code: 'overloaded',
      detail: '4096 submissions are in flight',
      retryAfterSeconds: 1,
    });
  });

  test.each([
    ['identity-malformed', 400],
    ['token-missing', 401],
    ['token-invalid', 401],
    ['step-up-required', 401],
    ['access-denied', 403],
    ['own-work', 403],
    ['already-reviewed', 409],
    ['source-exists', 409],
    ['tenant-exists', 409],
    ['unknown-version', 404],
    ['history-rewritten', 409],
    ['content-differs', 409],
    ['content-too-large', 413],
    ['media-type-missing', 415],
    ['content-malformed', 422],
    ['integrity-fault', 500],
    ['unavailable', 503],
  ] as const)('%s has status %d', (code, status) => {
    expect(problemOf(code, 'why')).toMatchObject({ code, status, type: `urn:medanchor:problem:${code}` });
  });

  test('never has a status outside the errors', () => {
    for (const { status } of Object.values(PROBLEMS))
      expect([400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503]).toContain(status);
  });
});

test('what the verifier refuses is malformed content, with the verifier’s code as the reason', () => {
  expect(toProblem(new VerifyError('JSON_DUPLICATE_KEY', 'the key "a" stands twice'))).toMatchObject({
    status: 422,
    code: 'content-malformed',
    detail: 'the key "a" stands twice',
    reason: 'JSON_DUPLICATE_KEY',
  });
});

test.each([
  ['no such route', new NotFoundException('Cannot GET /x'), 404, 'not-found'],
  ['a status without a code of its own', new HttpException('I am a teapot', 418), 418, 'http-error'],
  [
    'a refusal of the server',
    Object.assign(new Error('Request body is too large'), { statusCode: 413 }),
    413,
    'content-too-large',
  ],
])('%s keeps its status', (_, error, status, code) => {
  expect(toProblem(error)).toMatchObject({ status, code });
});

test('a database without room is no fault of ours: 503, and nothing of the database is told', () => {
  const error = Object.assign(new Error('could not extend file "base/16384/16723"'), { code: '53100' });
  expect(toProblem(error)).toEqual({
    type: 'urn:medanchor:problem:unavailable',
    title: 'A part of the service is unavailable',
    status: 503,
    code: 'unavailable',
    detail: 'the database cannot store anything now; it is safe to ask again',
    retryAfterSeconds: 10,
  });
});

test('the address of an unknown route names a record: it is not repeated', () => {
  const problem = toProblem(new NotFoundException('Cannot GET /v1/records/ehr/Patient%2Fjane'));
  expect(JSON.stringify(problem)).not.toContain('jane');
});

test.each([
  ['an invariant that is broken', new InvariantError('log 1 has no tree row')],
  ['an error of the framework', new InternalServerErrorException('password=hunter2')],
  ['an error with a server’s status', Object.assign(new Error('oops'), { statusCode: 500 })],
  ['an error with a status that is no number', Object.assign(new Error('oops'), { statusCode: '404' })],
  ['a text', 'thrown'],
  ['nothing', null],
  ['undefined', undefined],
])('%s is a fault of ours', (_, error) => {
  expect(toProblem(error)).toBeNull();
});

test('a fault of ours shows the request id and nothing else', () => {
  expect(internalProblem('req-7')).toEqual({
    type: 'urn:medanchor:problem:internal',
    title: 'Internal error',
    status: 500,
    code: 'internal',
    detail: 'The service failed; its log has the reason under this request id.',
    requestId: 'req-7',
  });
});

test('a status that nobody named still is a problem', () => {
  expect(httpProblem(499, 'gone')).toEqual({
    type: 'urn:medanchor:problem:http-error',
    title: 'The request failed',
    status: 499,
    code: 'http-error',
    detail: 'gone',
  });
});

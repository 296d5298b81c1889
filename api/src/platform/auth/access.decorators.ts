// What a route requires, said where the route is. A route that says nothing keeps the service from starting.
import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiExtension, ApiSecurity } from '@nestjs/swagger';
import { type Config } from '../config/config.schema.ts';
import { ApiProblems } from '../http/api-problems.ts';
import { type RequestAccess } from './access-log.port.ts';
import { type Action } from './actions.ts';
import { type Principal } from './principal.ts';

export const ACCESS = 'medanchor:access';

export type RouteAccess =
  { readonly action: Action; readonly publicWhen?: (config: Config) => boolean } | { readonly public: string };

/** Names of the security schemes in the OpenAPI document. */
export const SECURITY_SCHEMES = { token: 'accessToken', issuer: 'openIdConnect' } as const;

/** The caller needs a token, and the policy must allow this action. */
export const Requires = (action: Action): MethodDecorator & ClassDecorator => demands({ action });

/** As {@link Requires}, unless the operator has made it public by a setting. */
export const RequiresUnless = (
  action: Action,
  publicWhen: (config: Config) => boolean,
): MethodDecorator & ClassDecorator => demands({ action, publicWhen });

function demands(access: RouteAccess & { readonly action: Action }): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, access),
    ApiExtension('x-action', access.action),
    ...Object.values(SECURITY_SCHEMES).map((scheme) => ApiSecurity(scheme)),
    ApiProblems(401, 403, 429, 503),
  );
}

/** Anybody may call it. @param reason why that is right; shown in the list of public routes */
export const Public = (reason: string): MethodDecorator & ClassDecorator =>
  SetMetadata(ACCESS, { public: reason } satisfies RouteAccess);

/** The checked caller, as the guard has left it on the request. Only on routes with `@Requires`. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const { caller } = context.switchToHttp().getRequest<{ caller?: Principal }>();
  if (caller === undefined) throw new Error('a route without @Requires has no caller');
  return caller;
});

/** What the guard has decided and for whom, ready to become the event of an act. Only on routes with `@Requires`. */
export const ThisAccess = createParamDecorator((_data: unknown, context: ExecutionContext): RequestAccess => {
  const { access } = context.switchToHttp().getRequest<{ access?: RequestAccess }>();
  if (access === undefined) throw new Error('a route without @Requires has no decision');
  return access;
});

// What a route requires, said where the route is. A route that says nothing keeps the service from starting.
import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { type Action } from './actions.ts';
import { type Principal } from './principal.ts';

export const ACCESS = 'medanchor:access';

export type RouteAccess = { readonly action: Action } | { readonly public: string };

/** The caller needs a token, and the policy must allow this action. */
export const Requires = (action: Action): MethodDecorator & ClassDecorator =>
  SetMetadata(ACCESS, { action } satisfies RouteAccess);

/** Anybody may call it. @param reason why that is right; shown in the list of public routes */
export const Public = (reason: string): MethodDecorator & ClassDecorator =>
  SetMetadata(ACCESS, { public: reason } satisfies RouteAccess);

/** The checked caller, as the guard has left it on the request. Only on routes with `@Requires`. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const { caller } = context.switchToHttp().getRequest<{ caller?: Principal }>();
  if (caller === undefined) throw new Error('a route without @Requires has no caller');
  return caller;
});

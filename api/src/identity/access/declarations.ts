// Looks at every route of every controller before the service listens: one that does not say who may call it, keeps the
// service from starting.
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { declaredAccess } from './access.guard.ts';

/** The start is refused. */
export class UndeclaredRouteError extends Error {
  override readonly name = 'UndeclaredRouteError';
}

/** @throws {UndeclaredRouteError} naming the methods */
export function assertDeclared(controllers: readonly Function[]): void {
  const undeclared = controllers.flatMap((controller) =>
    handlersOf(controller)
      .filter(([, handler]) => declaredAccess(handler, controller) === undefined)
      .map(([name]) => `${controller.name}.${name}`),
  );
  if (undeclared.length > 0)
    throw new UndeclaredRouteError(
      `routes without @Requires or @Public: ${undeclared.join(', ')}. Every route says who may call it`,
    );
}

/** Methods with a path, those of a base class included. */
function handlersOf(controller: Function): readonly (readonly [string, Function])[] {
  const handlers = new Map<string, Function>();
  let prototype = controller.prototype as object | null;
  while (prototype !== null && prototype !== Object.prototype) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
      if (
        typeof value === 'function' &&
        !handlers.has(name) &&
        Reflect.hasMetadata(PATH_METADATA, value as Function) &&
        name !== 'constructor'
      )
        handlers.set(name, value as Function);
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return [...handlers];
}

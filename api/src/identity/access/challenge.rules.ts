// The header WWW-Authenticate of a refusal: RFC 6750 section 3, RFC 9470 section 3 (step-up), RFC 9728 section 5.1 (where
// the metadata is). Pure.
import { type DomainError } from '../../platform/errors/domain-error.ts';
import { STEP_UP_SECONDS } from './policy.rules.ts';

export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** @returns null when another token would change nothing */
export function challengeOf({ code, message, extensions }: DomainError, publicUrl: string): string | null {
  const metadata = `resource_metadata="${publicUrl}${METADATA_PATH}"`;
  const bearer = (...parts: readonly string[]): string => `Bearer ${[...parts, metadata].join(', ')}`;
  if (code === 'token-missing') return bearer();
  if (code === 'token-invalid') return bearer('error="invalid_token"', description(message));
  if (code === 'step-up-required')
    return bearer('error="insufficient_user_authentication"', description(message), ...wanted(extensions));
  if (code !== 'access-denied') return null;
  const { reasons, scopes } = extensions as { reasons?: readonly string[]; scopes?: readonly string[] };
  if (reasons?.includes('scope-lacks-action') !== true) return null;
  return bearer('error="insufficient_scope"', `scope="${(scopes ?? []).join(' ')}"`);
}

/** RFC 9470 section 3: how old the sign-in may be, or which of the issuer's own names for it counts. */
function wanted({ acrValues }: { readonly acrValues?: readonly string[] }): readonly string[] {
  if (acrValues === undefined) return [`max_age="${STEP_UP_SECONDS}"`];
  return acrValues.length === 0 ? [] : [`acr_values="${acrValues.join(' ')}"`];
}

/** Of the octets that RFC 6750 allows there. */
function description(text: string): string {
  return `error_description="${text.replaceAll(/[^\u0020\u0021\u0023-\u005b\u005d-\u007e]/g, '?')}"`;
}

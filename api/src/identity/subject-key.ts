/** The context that a tenant's key of pseudonyms is wrapped in: exchanged with another tenant's, it opens nothing. */
export function subjectKeyContext(tenantId: string): string {
  return `medanchor/subject-key/1:${tenantId}`;
}

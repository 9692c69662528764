/** The text of a refusal by policy (S8.3): operation, capability and reason, and nothing of the policy itself. */
export function violationMessage(operation: string, capability: string, reason: string): string {
  return `Security violation: ${operation} operation on capability '${capability}' not allowed in context: ${reason}`;
}

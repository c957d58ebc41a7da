/** What each alarm means, and the section of runbook.md that says what to do. */
export const runbook = {
  "changes-dead-letters":
    "Events of clusters could not be taken into desired state: they were refused, or cannot be read, or storing them failed.",
  "bus-dead-letters": "EventBridge could not deliver events to the changes queue.",
  "lane-dead-letters":
    "A root could not be reconciled in five attempts. It stays due, and is tried again by the schedule.",
  "status-dead-letters": "Conditions could not be written into a cluster.",
  "certificates-dead-letters": "The certificates of an account and region could not be looked at.",
  "certificates-denied":
    "ACM or STS denied a look at certificates: routes go on with what was known before, and new certificates are not found.",
  "schedule-dead-letters": "The drift function could not be invoked by the schedule.",
  "function-errors": "A function fails as a whole, not only single messages.",
  "function-throttles": "A function has reached its concurrency.",
  "old-messages": "Messages wait too long in a queue: the work does not keep up, or does not go on.",
  "refused-events": "Somebody puts events that are not theirs to put, or a cluster was rebuilt.",
} as const;

export type RunbookId = keyof typeof runbook;

/** Where the runbook is read. */
export const runbookUrl = (id: RunbookId): string => `infra/aws/runbook.md#${id}`;

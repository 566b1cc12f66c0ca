/** Limits of alerts and of their delivery; a part of `limits`. */
export const alertLimits = {
  /** How far ahead an alert may be put aside. */
  alertShelfMsMax: 7 * 24 * 3600_000,
  alertReasonLengthMax: 500,
  /** Alerts that one look at the rules raises or clears of what it goes through; the rest with the next one. */
  alertsPerLook: 500,
  /** Rules look at what changed at most this often. */
  alertLookMs: 1_000,
  /** How far back a rule may look. */
  alertRuleForMsMax: 24 * 3600_000,
  /** Failures are counted together within this. */
  failureBucketMs: 10_000,
  /** Cleared alerts held in memory. */
  alertsClearedKept: 1_000,
  /** Alerts held for the webhook; the log is read on when there is room. */
  alertWebhookQueueMax: 100,
  alertWebhookTimeoutMs: 10_000,
  /** Before the second try of a delivery, doubled each time up to the second limit; after so many it is given up. */
  alertWebhookRetryMs: 1_000,
  alertWebhookRetryMsMax: 5 * 60_000,
  alertWebhookRetriesMax: 20,
  /** Events without an alert before the position in the log is written down. */
  alertWebhookCursorEvents: 10_000,
} as const

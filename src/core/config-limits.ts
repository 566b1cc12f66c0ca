/** Limits of the history of configuration; a part of `limits`. */
export const configLimits = {
  /** Changes of configuration in its history; the oldest go. */
  configChangesKept: 100_000,
  /** Fields that one of them tells, and characters of each value; beyond it, it says that it is cut. */
  configFieldsMax: 100,
  configValueCharsMax: 500,
} as const

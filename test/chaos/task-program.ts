/** How the program of one task behaves. */
export interface Behaviour {
  /** How long it works. */
  readonly workMs: number
  /** Attempts that fail before one succeeds. */
  readonly failures: number
  /** It ignores TERM. */
  readonly isStubborn: boolean
}

/**
 * A program that says in the history that it runs and that it is through, and holds a lock of its task meanwhile. It
 * takes its whole tree's hold on the lock: as long as any process of a run lives, the next run finds it busy.
 *
 * `locks` and `history` are paths without quotes. Each line is one write.
 */
export function taskProgram(
  { key, locks, history }: { readonly key: string; readonly locks: string; readonly history: string },
  { workMs, failures, isStubborn }: Behaviour,
): string {
  return `${isStubborn ? "trap '' TERM; " : ''}exec 9>>'${locks}/'$AGENTFLOW_TASK_ID
say() {
  read up rest < /proc/uptime
  echo '{"type":"run","step":"'$1'","taskId":"'$AGENTFLOW_TASK_ID'","key":"${key}","attempt":'$AGENTFLOW_ATTEMPT',"fence":'$AGENTFLOW_FENCE',"at":'$(date +%s%3N)',"mono":'\${up%.*}\${up#*.}'0}' >> '${history}'
}
flock -n 9 || { say busy; exit 9; }
say held
sleep ${workMs / 1000}
[ $AGENTFLOW_ATTEMPT -gt ${failures} ] || exit 3
echo '{"fence":'$AGENTFLOW_FENCE'}' > "$AGENTFLOW_RESULT_FILE"
say end`
}

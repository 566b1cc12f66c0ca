import type { ControlError } from '../core/errors.js'

/** What the program's exit code says; the same for every command. */
export const exitCodes = {
  ok: 0,
  refused: 1,
  usage: 2,
  unreachable: 3,
  notAllowed: 4,
  notFound: 5,
  conflict: 6,
  /** `fence check`: another run took this one's place. */
  fenceStale: 10,
  /** `fence check`: nobody here can tell. */
  fenceUnknown: 11,
  /** `effect intent`: it is done already. */
  effectDone: 12,
  /** `effect intent`: an earlier attempt left it open. */
  effectAmbiguous: 13,
  /** A master that was asked to restart: its supervisor starts it again. */
  restart: 75,
  /** `--wait`: the task reached its time limit. */
  timeout: 124,
  /** `--wait`: it failed on AgentFlow's side, not by its program. */
  ourSide: 125,
  /** `--wait`: it was cancelled, or the wait was interrupted. */
  cancelled: 130,
} as const

export function exitCodeOf(error: ControlError): number {
  if (error.code === 'invalid_configuration' || error.code === 'invalid_request') return exitCodes.usage
  switch (error.kind.status) {
    case 401:
    case 403:
      return exitCodes.notAllowed
    case 404:
      return exitCodes.notFound
    case 409:
      return exitCodes.conflict
    case 503:
      return exitCodes.unreachable
    default:
      return exitCodes.refused
  }
}

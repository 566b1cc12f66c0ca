import type {
  CancelSignal,
  ControlPlane,
  WallOptions,
  WallSession,
  WallSink,
} from '../ports/control-plane.js'

/** What a wall's AUTH says. */
export interface WallAuth extends WallOptions {
  readonly token: string
}

export interface OpenedWall {
  readonly session: WallSession
  /** Who it is, for the log. */
  readonly user: string
}

/** Where a wall's socket leads: into a leader, or through a master to it. */
export interface WallDoor {
  /** null: the token is not taken. The session is closed by the transport exactly once. */
  open(
    auth: WallAuth,
    sink: WallSink,
    about: { readonly traceId: string; readonly signal: CancelSignal },
  ): OpenedWall | null
}

/** Into the leader itself. */
export const leaderDoor = (plane: ControlPlane): WallDoor => ({
  open({ token, frames, resume }, sink, { traceId, signal }) {
    const principal = plane.authenticate(token)
    if (principal === null) return null
    const session = plane.openWall({ principal, via: 'ws', traceId, signal }, sink, { frames, resume })
    return { session, user: principal.id }
  },
})

import { useState } from 'react'
import { RestError } from '../../live/rest.js'

/** One call at a time, and what the leader said when it refused. */
export interface Act {
  readonly busy: boolean
  readonly refusal: string | null
  /** True: it was done. */
  readonly run: (call: () => Promise<unknown>) => Promise<boolean>
}

export function useAct(): Act {
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const run = async (call: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true)
    setRefusal(null)
    try {
      await call()
      return true
    } catch (cause) {
      setRefusal(cause instanceof RestError ? cause.message : String(cause))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { busy, refusal, run }
}

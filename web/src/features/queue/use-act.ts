import { useState } from 'react'
import { RestError } from '../../live/rest.js'

/** One call at a time, and what the leader said when it refused. */
export function useAct(): {
  readonly busy: boolean
  readonly refusal: string | null
  readonly run: (call: () => Promise<unknown>) => Promise<boolean>
} {
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

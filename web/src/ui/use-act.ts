import { useState } from 'react'
import { useRefusal } from './refusal.js'

/** One call at a time, and what the leader said when it refused. */
export interface Act {
  readonly busy: boolean
  readonly refusal: string | null
  /** True: it was done. */
  readonly run: (call: () => Promise<unknown>) => Promise<boolean>
}

export function useAct(): Act {
  const refusalOf = useRefusal()
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const run = async (call: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true)
    setRefusal(null)
    try {
      await call()
      return true
    } catch (cause) {
      setRefusal(refusalOf(cause))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { busy, refusal, run }
}

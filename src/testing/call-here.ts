type AnyCalls = Readonly<Record<string, (args: unknown) => unknown>>

/** Does a store thread's calls on the spot, one after another, so that a test opens a file without a thread. */
export function callHere<Calls extends { [Name in keyof Calls]: (args: never) => unknown }>(calls: Calls) {
  let previous: Promise<unknown> = Promise.resolve()
  let closed = false
  const request = (name: string, args: unknown): Promise<unknown> => {
    const done = previous.then(async () => (calls as unknown as AnyCalls)[name]?.(args))
    previous = done.catch(() => {})
    return done
  }
  return {
    call: <Name extends keyof Calls & string>(name: Name, args: Parameters<Calls[Name]>[0]) =>
      request(name, args) as Promise<Awaited<ReturnType<Calls[Name]>>>,
    close: async () => {
      if (!closed) await request('close', {})
      closed = true
    },
  }
}

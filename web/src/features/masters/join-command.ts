/** The command that starts a master for this leader. */
export function joinCommand(join: {
  readonly name: string
  readonly leader: string
  readonly joinFile: string
}): string {
  return `agentflow master --id ${join.name} --leader ${join.leader} --join-file ${quoted(join.joinFile)} --data ./${join.name}`
}

const quoted = (path: string): string =>
  /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`

/** The first of master-1, master-2, … that nobody has. */
export function freeName(taken: readonly string[]): string {
  let number = 1
  while (taken.includes(`master-${number}`)) number += 1
  return `master-${number}`
}

/** Whether only programs of the leader's own machine reach this host:port. */
export const isLoopback = (address: string): boolean => /^(127\.|localhost:|\[::1\])/.test(address)

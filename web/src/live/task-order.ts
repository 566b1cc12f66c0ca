import type { Task } from './protocol.js'

/** Ids rise with time, so they settle a tie of two tasks born in one millisecond. */
export function compareAge(a: Task, b: Task): number {
  return a.createdAt - b.createdAt || a.taskId.length - b.taskId.length || (a.taskId < b.taskId ? -1 : 1)
}

/** Two lists that are sorted by age, as one. */
export function mergedByAge<T extends { readonly task: Task }>(
  first: readonly T[],
  second: readonly T[],
): T[] {
  const all: T[] = []
  let at = 0
  for (const held of second) {
    for (
      let next = first[at];
      next !== undefined && compareAge(next.task, held.task) <= 0;
      next = first[at]
    ) {
      all.push(next)
      at += 1
    }
    all.push(held)
  }
  for (let next = first[at]; next !== undefined; next = first[at]) {
    all.push(next)
    at += 1
  }
  return all
}

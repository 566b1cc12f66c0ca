import { expect, it } from 'vitest'
import { aTask } from './fixture.js'
import { RelationBook } from './relation-book.js'

const tasks = [
  aTask('fetch'),
  aTask('build', { dependsOn: ['fetch'] }),
  aTask('test', { dependsOn: ['build'] }),
  aTask('docs', { dependsOn: ['fetch'] }),
  aTask('alone'),
]
const dependsOn = (taskId: string) => tasks.find((task) => task.taskId === taskId)?.dependsOn ?? []
const book = () => {
  const made = new RelationBook()
  for (const task of [...tasks, ...tasks]) made.note(task)
  return made
}

it('finds all that hangs together, up and down, nearest first', () => {
  expect(book().related('test', 10, dependsOn)).toEqual(['test', 'build', 'fetch', 'docs'])
  expect(book().related('fetch', 10, dependsOn)).toEqual(['fetch', 'build', 'docs', 'test'])
  expect(book().related('alone', 10, dependsOn)).toEqual(['alone'])
  expect(book().related('test', 2, dependsOn)).toEqual(['test', 'build'])
})

it('knows who is connected, and forgets who left', () => {
  const held = book()
  expect(tasks.filter((task) => held.isConnected(task)).map((task) => task.taskId)).toEqual([
    'fetch',
    'build',
    'test',
    'docs',
  ])
  for (const task of tasks.slice(1)) held.forget(task)
  expect(held.isConnected(aTask('fetch'))).toBe(false)
})

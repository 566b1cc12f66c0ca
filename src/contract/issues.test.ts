import { expect, it } from 'vitest'
import type { z } from 'zod'
import { sentenceOf } from './issues.js'
import { clientMessageSchema } from './socket.js'
import { submitTaskSchema } from './task.js'

function refusal(schema: z.ZodType, value: unknown, what: string): string {
  const parsed = schema.safeParse(value)
  return parsed.success ? 'accepted' : sentenceOf(parsed.error.issues, what)
}
const command = ['true']

it.each([
  [{}, 'task.type: is missing (string)'],
  [[], 'task: expected object, received array'],
  [{ type: 'command' }, 'task.payload: expected object'],
  [{ type: 'command', payload: {} }, 'task.payload.command: expected array or string'],
  [{ type: 'command', payload: { command, cwd: 5 } }, 'task.payload.cwd: expected string, received number'],
  [{ type: 'command', payload: { command, shell: true } }, 'task.payload: unknown key "shell"'],
  [{ type: 'command', payload: { command, env: { '1A': 'x' } } }, 'task.payload.env.1A: not a variable name'],
  [{ type: 'command', payload: { command }, a: 1, b: 2 }, 'task: unknown keys "a", "b"'],
  [
    { type: 'command', payload: { command }, priority: 11 },
    'task.priority: Too big: expected number to be <=10',
  ],
])('says what is wrong with task %j', (value, sentence) => {
  expect(refusal(submitTaskSchema, value, 'task')).toBe(sentence)
})

it('says what is wrong with a socket message', () => {
  expect(refusal(clientMessageSchema, { type: 'SUBSCRIBE', topics: ['x'] }, 'SUBSCRIBE')).toBe(
    'SUBSCRIBE.topics.0: not a topic',
  )
})

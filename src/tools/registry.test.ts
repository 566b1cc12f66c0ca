import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { catalogue } from '../contract/catalogue.js'
import { asCommandId, asTaskId } from '../core/ids.js'
import { limits } from '../core/limits.js'
import { admin } from '../testing/leader-fixture.js'
import { ScriptedPlane } from '../testing/scripted-plane.js'
import { callTool, describeTools, tools } from './registry.js'

const options = { waitMs: 0, idempotencyKey: null }

describe('tools', () => {
  it('[TL3] are every command of the catalogue, and reads', () => {
    const listed = describeTools()
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(catalogue)))
    expect(listed.filter(({ action }) => action === 'read').map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'get_task',
        'list_agents',
        'list_tasks',
        'list_workers',
        'read_lines',
        'stats',
      ]),
    )
    for (const { name, summary, args } of listed) {
      expect([name, summary]).toEqual([
        expect.stringMatching(/^[a-z_]+$/),
        expect.stringMatching(/^[A-Z].*[^.]$/),
      ])
      expect(args).toMatchObject({ type: 'object', additionalProperties: false })
    }
  })

  it('[TL3] say what they take: a value that fits the JSON schema is taken', () => {
    const { args } = describeTools().find(({ name }) => name === 'control_task') ?? { args: {} }
    expect(args).toMatchObject({
      required: ['taskId', 'action'],
      properties: { action: { enum: ['pause', 'resume', 'cancel', 'retry'] } },
    })
    for (const { schema } of Object.values(tools)) expect(schema).toBeInstanceOf(z.ZodObject)
  })

  it('[TL1] submit, control and read as their routes do', async () => {
    const { plane, calls } = new ScriptedPlane({
      execute: async (_, { command }) =>
        command.name === 'submit_task'
          ? { kind: 'task', taskId: asTaskId('t1'), created: true }
          : { kind: 'receipt', commandId: asCommandId('c1') },
      task: async (_, taskId) => JSON.stringify({ taskId }),
      receipt: async (_, commandId, waitMs) => JSON.stringify({ commandId, waitMs }),
      taskLines: async (_, taskId, after, limit) => JSON.stringify([taskId, after, limit]),
    })
    const call = async (name: string, args: object, more: Partial<typeof options> = {}): Promise<unknown> =>
      JSON.parse(await callTool(plane, admin, name, args, { ...options, ...more }))
    const task = { type: 'command', payload: { command: ['true'] } }
    expect(await callTool(plane, admin, 'submit_task', task, { waitMs: 0, idempotencyKey: 'k' })).toBe(
      '{"taskId":"t1"}',
    )
    expect(calls.find(({ name }) => name === 'execute')?.args[1]).toMatchObject({
      command: { spec: { idempotencyKey: 'k', priority: 5 } },
    })
    const cancel = { taskId: 't1', action: 'cancel' }
    expect(await call('control_task', cancel, { waitMs: limits.waitMsMax + 5 })).toEqual({
      commandId: 'c1',
      waitMs: limits.waitMsMax,
    })
    expect(await call('restart_worker', { workerId: 'm1' })).toEqual({ commandId: 'c1', waitMs: 0 })
    expect(await call('read_lines', { taskId: 't1' })).toEqual(['t1', 0, limits.linesPageMax])
    expect(await call('whoami', {})).toEqual({ user: 'admin', role: 'admin' })
  })

  it('[ND3] drain by a deadline that is not too far ahead, or by none', () => {
    const takes = (args: object): boolean =>
      tools.drain_worker.schema.safeParse({ workerId: 'm1', ...args }).success
    expect([{}, { deadlineMs: 0 }, { deadlineMs: limits.drainDeadlineMsMax }].map(takes)).toEqual([
      true,
      true,
      true,
    ])
    expect([{ deadlineMs: -1 }, { deadlineMs: limits.drainDeadlineMsMax + 1 }].map(takes)).toEqual([
      false,
      false,
    ])
  })

  it('[TL2] that are unknown, or called wrongly, do nothing and say why', async () => {
    const { plane, calls } = new ScriptedPlane()
    const call = (name: string, args: unknown) => callTool(plane, admin, name, args, options)
    await expect(call('launch_rockets', {})).rejects.toMatchObject({ code: 'tool_not_found' })
    await expect(call('__proto__', {})).rejects.toMatchObject({ code: 'tool_not_found' })
    await expect(call('control_task', { taskId: 't1' })).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(call('stats', { verbose: true })).rejects.toThrow('args: unknown key "verbose"')
    expect(calls).toEqual([])
  })
})

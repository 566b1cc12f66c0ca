import { beforeEach, describe, expect, it } from 'vitest'
import { anAlert, aTask, aWorker, running } from '../live/fixture.js'
import type { BothWords } from '../ui/both-words.js'
import { entriesOf, holdsOn, type PaletteFacts, searchOf } from './palette-entries.js'

const english: Readonly<Record<string, string>> = {
  'act.pause': 'Pause',
  'act.cancel': 'Cancel',
  'hold.drain': 'Drain',
}
const chinese: Readonly<Record<string, string>> = {
  'act.pause': '暂停',
  'act.cancel': '取消',
  'hold.drain': '排空',
}
/** Words as the page has them, of a few keys; the rest stands for itself. */
const words: BothWords = (key, values = {}) => {
  if (key === 'act.on') return { label: `${values.act} ${values.name}`, also: '' }
  return { label: english[key] ?? key, also: chinese[key] ?? '' }
}

let done: string[]
const facts = (more: Partial<PaletteFacts> = {}): PaletteFacts => ({
  acts: [],
  task: null,
  tasks: [],
  workers: [],
  alerts: [],
  templates: [],
  mayAct: true,
  words,
  nameOf: (alert) => alert.taskId ?? '',
  command: (taskId, action) => done.push(`${action} ${taskId}`),
  hold: (workerId, act) => done.push(`${act} ${workerId}`),
  runTemplate: (templateId) => done.push(`run ${templateId}`),
  open: (screen, params) => done.push(`open ${screen} ${JSON.stringify(params)}`),
  ...more,
})
const act = (id: string, label: string, also: string) => ({
  id,
  keys: id,
  standard: id,
  label,
  also,
  group: 'g',
  run: () => void done.push(id),
})
const labels = (more: Partial<PaletteFacts>, query: string) =>
  entriesOf(facts(more), query).map(({ label }) => label)

beforeEach(() => {
  done = []
})

describe('[WV5] the palette', () => {
  it('lists every act, found by both languages, but for those that are keys only', () => {
    const acts = [
      act('g t', 'Tasks', '任务'),
      act('c', 'Chat', '对话'),
      { ...act('j', 'Next row', ''), inPalette: false as const },
    ]
    expect(labels({ acts }, '')).toEqual(['Tasks', 'Chat'])
    expect(labels({ acts }, '任务')).toEqual(['Tasks'])
    expect(labels({ acts }, 'cha')).toEqual(['Chat'])
  })

  it('acts on the open task as its phase allows, by its name in words', () => {
    const task = running('t1', { name: 'build' })
    expect(labels({ task }, '')).toEqual(['Pause build', 'Cancel build'])
    entriesOf(facts({ task }), '暂停')[0]?.run()
    expect(done).toEqual(['pause t1'])
  })

  it('acts on a task that the words name, and opens it', () => {
    const found = { tasks: [aTask('t2', { name: 'third' })] }
    expect(labels(found, 'cancel third')).toEqual(['Cancel third', 'third'])
    expect(searchOf('cancel third', words)).toBe('third')
    expect(searchOf('取消 third', words)).toBe('third')
  })

  it('opens masters, agents and alerts by name or id', () => {
    const agent = {
      agentId: 'master-1/p1',
      workerId: 'master-1',
      kind: 'process',
      windowId: null,
      accountIdx: null,
      status: 'idle',
      currentTask: null,
      createdAt: 0,
    } as const
    const fleet = {
      workers: [aWorker('master-1', { agents: [agent] })],
      alerts: [anAlert('a9', { taskId: 't7' })],
    }
    expect(labels(fleet, 'p1')).toEqual(['master-1/p1'])
    expect(labels(fleet, 't7')).toEqual(['t7'])
    entriesOf(facts(fleet), 'a9')[0]?.run()
    expect(done).toEqual(['open alerts {"alert":"a9"}'])
  })

  it('holds a master as it stands', () => {
    const hold = { kind: 'cordoned', by: 'u', since: 0, deadline: null } as const
    expect(holdsOn(aWorker('m'))).toEqual(['cordon', 'drain'])
    expect(holdsOn(aWorker('m', { hold }))).toEqual(['drain', 'uncordon'])
    expect(holdsOn(aWorker('m', { hold: { ...hold, kind: 'drained' } }))).toEqual(['uncordon'])
    entriesOf(facts({ workers: [aWorker('master-1')] }), 'drain master-1')[0]?.run()
    expect(done).toEqual(['drain master-1'])
  })

  it('offers who may only look nothing that acts', () => {
    const seen = entriesOf(
      facts({ mayAct: false, task: running('t1'), workers: [aWorker('m')], tasks: [running('t1')] }),
      'm',
    )
    expect(seen.map(({ group }) => group)).toEqual(['found', 'found'])
  })
})

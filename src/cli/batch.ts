import { createReadStream } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { text as readAll } from 'node:stream/consumers'
import { Command } from 'commander'
import { type BatchItem, type Client, ControlError } from '../client/index.js'
import { parseJson } from '../contract/json.js'
import { limits } from '../core/limits.js'
import { connect } from './connection.js'
import { exitCodes } from './exit-codes.js'
import { followWork } from './follow-work.js'
import { type ClientFlags, withLeader } from './options.js'
import { note, plain, say, sayJson, table } from './print.js'
import { ProgressLine } from './progress-line.js'
import { workRow, workText } from './work-text.js'

interface SubmitFlags extends ClientFlags {
  readonly atomic?: true
  readonly merge?: true
  readonly idempotencyKey?: string
  readonly detach?: true
}

const examples = `
FILE.json is {"items":[…]} or a list of tasks as POST /api/tasks takes them; FILE.ndjson has one a line. - is standard
input, a task a line.

Examples:
  agentflow batch submit tasks.ndjson
  agentflow batch submit tasks.json --atomic
  generate-tasks | agentflow batch submit - --json

Lines are sent one after the other, and each is told when it is stored. A list is stored whole first, and goes on by
itself when this command is interrupted. --atomic takes all of it or nothing, at most ${limits.batchAtomicItemsMax} tasks.`

export function batchCommand(): Command {
  const group = new Command('batch').description('submit many tasks, and look at batches and bulk acts')
  for (const command of [submitCommand(), statusCommand(), listCommand(), cancelCommand()])
    group.addCommand(command)
  return group
}

function submitCommand(): Command {
  const command = new Command('submit')
    .description('submit the tasks of a file')
    .argument('<file>', 'FILE.json, FILE.ndjson or -')
    .option('--atomic', 'all tasks or none')
    .option('--merge', 'tasks that are equal and have no key of their own are one')
    .option('--idempotency-key <key>', 'the same key and tasks again are the same batch')
    .option('--detach', 'do not wait until all tasks are made')
    .addHelpText('after', examples)
  return withLeader(command).action(async (file: string, flags: SubmitFlags) => {
    await mustBeReadable(file)
    const client = connect(flags)
    const isLines = file === '-' || /\.(ndjson|jsonl)$/.test(file)
    const isWhole =
      flags.atomic === true ||
      flags.merge === true ||
      flags.idempotencyKey !== undefined ||
      flags.detach === true
    if (isLines && !isWhole) await submitLines(client, linesOf(file), flags)
    else
      await submitWhole(client, isLines ? await itemsOfLines(file) : itemsOf(await textOf(file), file), flags)
  })
}

async function mustBeReadable(file: string): Promise<void> {
  if (file === '-') return
  await access(file).catch((cause: unknown) => {
    throw new ControlError('invalid_configuration', `${file} cannot be read.`, { cause })
  })
}

function linesOf(file: string): AsyncIterable<string> {
  const input = file === '-' ? process.stdin : createReadStream(file)
  return createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
}

const textOf = (file: string): Promise<string> =>
  file === '-' ? readAll(process.stdin) : readFile(file, 'utf8')

async function itemsOfLines(file: string): Promise<readonly BatchItem[]> {
  const items: BatchItem[] = []
  for await (const line of linesOf(file))
    if (line.trim() !== '') items.push(parseJson(line, `line ${items.length + 1}`) as BatchItem)
  return items
}

function itemsOf(text: string, file: string): readonly BatchItem[] {
  const body = parseJson(text, file)
  const items = Array.isArray(body)
    ? body
    : typeof body === 'object' && body !== null && 'items' in body
      ? body.items
      : null
  if (!Array.isArray(items))
    throw new ControlError('invalid_configuration', `${file} is neither a list of tasks nor {"items":[…]}.`)
  return items as readonly BatchItem[]
}

async function submitWhole(client: Client, items: readonly BatchItem[], flags: SubmitFlags): Promise<void> {
  const { batch } = await client.submitBatch(
    { items, atomic: flags.atomic, merge: flags.merge },
    { idempotencyKey: flags.idempotencyKey },
  )
  if (flags.detach === true) {
    if (flags.json === true) sayJson(batch)
    else say(batch.batchId)
    return
  }
  const line = new ProgressLine()
  const work = await followWork(client, batch.batchId, {
    onProgress: (now) => line.show(now.seen, now.total, 'tasks'),
  }).finally(() => line.clear())
  if (flags.json === true) sayJson(await client.batch(batch.batchId))
  else say(workText(work))
  if (work.state !== 'done' || work.refused > 0) process.exitCode = exitCodes.refused
}

/** Errors that are shown; the others are counted. */
const errorsShown = 20

async function submitLines(client: Client, lines: AsyncIterable<string>, flags: SubmitFlags): Promise<void> {
  const progress = new ProgressLine()
  const counts = { made: 0, known: 0, refused: 0 }
  try {
    for await (const result of client.submitLines(lines)) {
      if (flags.json === true) sayJson(result)
      if ('error' in result) {
        counts.refused += 1
        if (flags.json !== true && counts.refused <= errorsShown) {
          progress.clear()
          note(`line ${result.index + 1}: ${plain(result.error.message)}`)
        }
      } else if (result.created) counts.made += 1
      else counts.known += 1
      progress.show(counts.made + counts.known + counts.refused, 0, 'lines')
    }
  } finally {
    progress.clear()
    const known = counts.known === 0 ? '' : `, ${counts.known} known already`
    const refused = counts.refused === 0 ? '' : `, ${counts.refused} refused`
    note(`${counts.made} tasks made${known}${refused}.`)
  }
  if (counts.refused > 0) process.exitCode = exitCodes.refused
}

function statusCommand(): Command {
  const command = new Command('status')
    .description('how far a batch or a bulk act is')
    .argument('<id>', 'its id')
    .option('--wait', 'wait until it is over')
  return withLeader(command).action(async (workId: string, flags: ClientFlags & { readonly wait?: true }) => {
    const client = connect(flags)
    const line = new ProgressLine()
    const onProgress = (now: { seen: number; total: number }): void => line.show(now.seen, now.total, 'done')
    const work =
      flags.wait === true
        ? await followWork(client, workId, { onProgress }).finally(() => line.clear())
        : await client.work(workId)
    if (flags.json === true) sayJson(work)
    else say(workText(work))
  })
}

function listCommand(): Command {
  const command = new Command('list').description('batches and bulk acts, newest first')
  return withLeader(command).action(async (flags: ClientFlags) => {
    const page = await connect(flags).works({ limit: limits.pageMax })
    if (flags.json === true) {
      sayJson(page)
      return
    }
    if (page.work.length === 0) {
      note('No batch yet. Submit one: agentflow batch submit tasks.ndjson')
      return
    }
    const rows = page.work.map((work) => workRow(work, Date.now()))
    say(table(['ID', 'WHAT', 'STATE', 'SEEN', 'DONE', 'REFUSED', 'AGE'], rows))
  })
}

function cancelCommand(): Command {
  const command = new Command('cancel')
    .description('stop a batch or a bulk act; what it did stays')
    .argument('<id>', 'its id')
  return withLeader(command).action(async (workId: string, flags: ClientFlags) => {
    const work = await connect(flags).cancelWork(workId)
    if (flags.json === true) sayJson(work)
    else say(workText(work))
  })
}

import { Command } from 'commander'
import type { Client, Task } from '../client/index.js'
import { connect } from './connection.js'
import { exitCodes } from './exit-codes.js'
import { followTask, isOver } from './follow-task.js'
import { lineText } from './line-text.js'
import { type ClientFlags, withLeader } from './options.js'
import { note, say, sayJson } from './print.js'
import { createSchedule, sayCreated } from './schedule-create.js'
import { type BodyFlags, bodyOf, withBody } from './task-body.js'
import { endOf, taskExitCode } from './task-end.js'

interface RunFlags extends ClientFlags, BodyFlags {
  readonly idempotencyKey?: string
  readonly wait?: true
  readonly follow?: true
  readonly every?: string
  readonly zone?: string
}

const examples = `
Examples:
  agentflow task run -- npm test
  agentflow task run --on master-1 --timeout 10m --wait -- make -j2
  agentflow task run --shell --follow -- 'for i in 1 2 3; do echo $i; sleep 1; done'
  echo '{"a":1}' | agentflow task run --stdin --wait -- jq .a
  agentflow task run --after t1a,t2b --delay 5m -- ./report.sh
  agentflow task run --name nightly --every '0 3 * * *' --zone Europe/Berlin -- ./nightly.sh
  agentflow task run --retry 2 --idempotency-key nightly-2030-01-01 -- ./nightly.sh

Prints the task's id (with --json the task). With --wait the exit code is the program's own;
${exitCodes.timeout} = its time was over, ${exitCodes.ourSide} = AgentFlow could not run it, ${exitCodes.cancelled} = cancelled.
With --follow the program's output is the output, and the id goes to stderr.`

export function taskRunCommand(): Command {
  const command = new Command('run')
    .description('run a program on the fleet')
    .argument('<argv...>', 'the program and its arguments; everything after -- is theirs')
  withBody(command)
    .option('--every <cron>', 'run it at these times: make a schedule of it, named by --name')
    .option('--zone <zone>', 'time zone of --every, an IANA name (default: UTC)')
    .option('--idempotency-key <key>', 'the same key again is the same task')
    .option('--wait', "wait for the end; the exit code is the program's")
    .option('--follow', 'wait, and show its output')
    .passThroughOptions()
    .addHelpText('after', examples)
  return withLeader(command).action(async (argv: string[], flags: RunFlags) => {
    const client = connect(flags)
    if (flags.every !== undefined) {
      sayCreated(await createSchedule(client, argv, flags), flags)
      return
    }
    const { task } = await client.submit(await bodyOf(argv, flags), {
      idempotencyKey: flags.idempotencyKey,
    })
    if (flags.wait !== true && flags.follow !== true) {
      if (flags.json === true) sayJson(task)
      else say(task.taskId)
      return
    }
    process.exitCode = await waitFor(client, task, flags)
  })
}

/** Resolves with the exit code. */
async function waitFor(client: Client, submitted: Task, flags: RunFlags): Promise<number> {
  const { taskId } = submitted
  const follows = flags.follow === true
  if (flags.json !== true) (follows ? note : say)(taskId)
  const interrupt = new AbortController()
  const onSignal = (): void => interrupt.abort()
  process.once('SIGINT', onSignal)
  try {
    const options = { signal: interrupt.signal, ...(follows ? { onLine: lineText(flags) } : {}) }
    const task = isOver(submitted) && !follows ? submitted : await followTask(client, taskId, options)
    if (flags.json === true) sayJson(task)
    else note(endOf(task))
    return taskExitCode(task)
  } catch (thrown) {
    if (!interrupt.signal.aborted) throw thrown
    note(
      `Still running. Look again: agentflow task logs ${taskId} --follow. Stop it: agentflow task cancel ${taskId}`,
    )
    return exitCodes.cancelled
  } finally {
    process.off('SIGINT', onSignal)
  }
}

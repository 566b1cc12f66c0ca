import { existsSync, statfsSync } from 'node:fs'
import { Command } from 'commander'
import { type Client, ControlError } from '../client/index.js'
import { loadClientConfig, loadDataDir } from '../compose/config.js'
import { openDataDir } from '../compose/data-dir.js'
import { sizeText } from '../contract/size.js'
import { fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { clientFor } from './connection.js'
import { exitCodes } from './exit-codes.js'
import { type ClientFlags, withLeader } from './options.js'
import { say, sayJson, styled } from './print.js'

interface Check {
  readonly name: string
  readonly ok: boolean
  /** What was found, or what to do. */
  readonly hint: string
}

const examples = `
Looks at this machine and at the leader. Exit code 0 when all is well, ${exitCodes.refused} when something is not: fit for a health check.`

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('what is in order, and what to do about the rest')
    .addHelpText('after', examples)
  return withLeader(command).action(async (flags: ClientFlags) => {
    const checks = [nodeVersion(), dataDirectory(flags), processTable(), ...(await leaderChecks(flags))]
    if (flags.json === true) sayJson({ checks })
    else say(checks.map(checkText).join('\n'))
    if (!checks.every(({ ok }) => ok)) process.exitCode = exitCodes.refused
  })
}

const checkText = ({ name, ok, hint }: Check): string =>
  `${ok ? styled('green', 'ok  ') : styled('red', 'fix ')} ${name.padEnd(16)} ${hint}`

function nodeVersion(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const ok = major > 20 || (major === 20 && minor >= 19)
  return {
    name: 'Node',
    ok,
    hint: ok ? process.versions.node : `${process.versions.node} is too old; install 20.19 or later.`,
  }
}

function dataDirectory(flags: ClientFlags): Check {
  const name = 'data directory'
  try {
    const path = openDataDir(loadDataDir({ ...flags }))
    const { bavail, bsize } = statfsSync(path)
    const freeBytes = bavail * bsize
    // The leader keeps a file of this size to give up when the disk is full.
    const ok = freeBytes > 2 * limits.ballastBytes
    return {
      name,
      ok,
      hint: `${path}, ${sizeText(freeBytes)} free${ok ? '' : '; make room, or submits will be refused.'}`,
    }
  } catch (thrown) {
    return { name, ok: false, hint: fromUnknown(thrown).message }
  }
}

function processTable(): Check {
  const isLinux = existsSync('/proc/self/environ')
  return {
    name: 'process tree',
    ok: true,
    hint: isLinux
      ? '/proc is readable'
      : 'no /proc here: what a task leaves behind is not found on this system',
  }
}

async function leaderChecks(flags: ClientFlags): Promise<readonly Check[]> {
  let client: Client
  let url = ''
  try {
    const config = loadClientConfig({ ...flags })
    url = config.url
    client = clientFor(config)
  } catch (thrown) {
    return [{ name: 'leader', ok: false, hint: fromUnknown(thrown).message }]
  }
  try {
    const { ready, reasons } = await client.ready()
    const leader = {
      name: 'leader',
      ok: ready,
      hint: ready ? url : `${url} is not ready: ${reasons.join(', ')}.`,
    }
    return [leader, ...(await behindToken(client))]
  } catch (thrown) {
    const error = fromUnknown(thrown)
    const what = error.code === 'unavailable' ? `${error.message} Start one: agentflow up` : error.message
    return [{ name: 'leader', ok: false, hint: what }]
  }
}

async function behindToken(client: Client): Promise<readonly Check[]> {
  try {
    const [stats, workers] = await Promise.all([client.stats(), client.workers()])
    const online = workers.filter(({ status }) => status === 'online').length
    const isDurable = stats.durability === 'each-commit'
    return [
      { name: 'token', ok: true, hint: `accepted by ${stats.leaderId}, term ${stats.term}` },
      {
        name: 'durability',
        ok: isDurable,
        hint: isDurable
          ? 'every answer is on disk first'
          : 'the disk does not confirm writes; a power cut may lose answers.',
      },
      {
        name: 'masters',
        // A fleet without masters is in order, and waits.
        ok: true,
        hint:
          workers.length === 0
            ? 'none has joined yet; start one: agentflow master'
            : `${online} of ${workers.length} online`,
      },
    ]
  } catch (thrown) {
    if (!(thrown instanceof ControlError)) throw thrown
    return [{ name: 'token', ok: false, hint: thrown.message }]
  }
}

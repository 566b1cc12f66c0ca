import { Command } from 'commander'
import { version } from '../compose/version.js'
import { withJson } from './options.js'
import { say, sayJson } from './print.js'

export function versionCommand(): Command {
  return withJson(new Command('version').description('print the version')).action(
    (flags: { json?: true }) => {
      if (flags.json === true) sayJson({ version, node: process.versions.node })
      else say(`agentflow ${version} (Node ${process.versions.node})`)
    },
  )
}

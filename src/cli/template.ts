import { Command } from 'commander'
import type { TemplateBody, TemplateTask } from '../client/index.js'
import { connect } from './connection.js'
import { type ClientFlags, wholeNumber, withLeader } from './options.js'
import { collectParameter, type ParameterTexts, typedParameters } from './parameters.js'
import { readPlanFile } from './plan-file.js'
import { note, plain, say, sayJson, table } from './print.js'

interface PlanFlags extends ClientFlags {
  readonly project?: string
}

export function templateCommand(): Command {
  const group = new Command('template').description('tasks with blanks, to be filled in')
  for (const command of [listCommand(), showCommand(), createCommand(), runCommand(), deleteCommand()])
    group.addCommand(command)
  return group
}

const aboutOne = (name: string, description: string, example: string): Command =>
  withLeader(
    new Command(name)
      .description(description)
      .argument('<template>', 'its name, or its id')
      .option('--project <project>', 'its project (default: default)')
      .addHelpText('after', `\nExample:\n  agentflow template ${name} ${example}`),
  )

function listCommand(): Command {
  const command = new Command('list')
    .description('every template and its parameters')
    .option('--project <project>', 'only of this project')
  return withLeader(command).action(async (flags: PlanFlags) => {
    const templates = await connect(flags).templates({ project: flags.project })
    if (flags.json === true) sayJson({ templates })
    else if (templates.length === 0) note('No template yet. Make one: agentflow template create -f FILE')
    else {
      const rows = templates.map(({ name, version, parameters, project, description }) => {
        const words = Object.entries(parameters).map(([key, { required }]) => (required ? key : `[${key}]`))
        return [name, String(version), words.join(' ') || '–', project, plain(description)]
      })
      say(table(['NAME', 'VERSION', 'PARAMETERS', 'PROJECT', 'DESCRIPTION'], rows))
    }
  })
}

function showCommand(): Command {
  return aboutOne('show', 'everything about one template, as JSON', 'deploy').action(
    async (ref: string, flags: PlanFlags) =>
      sayJson(await connect(flags).template(ref, { project: flags.project })),
  )
}

const fileHelp = `
Example:
  agentflow template create -f deploy.yaml

  name: deploy
  parameters:
    service: { type: string, required: true }
    replicas: { type: number, default: 2 }
  task:
    type: command
    payload:
      command: [./deploy.sh, "\${service}", "--replicas=\${replicas}"]

\${name} stands for a parameter, $\${name} for the text itself. Prints the template's id.`

function createCommand(): Command {
  const command = new Command('create')
    .description('make a template from a file, or its next version')
    .requiredOption('-f, --file <file>', 'YAML or JSON, - = standard input')
    .option('--update', 'it is there already: make its next version')
    .addHelpText('after', fileHelp)
  return withLeader(command).action(async (flags: ClientFlags & { file: string; update?: true }) => {
    const body = (await readPlanFile(flags.file)) as TemplateBody
    const client = connect(flags)
    const template =
      flags.update === true ? await client.updateTemplate(body.name, body) : await client.createTemplate(body)
    if (flags.json === true) sayJson(template)
    else say(template.templateId)
  })
}

interface RunFlags extends PlanFlags {
  readonly param?: ParameterTexts
  readonly name?: string
  readonly priority?: number
  readonly idempotencyKey?: string
}

function runCommand(): Command {
  return aboutOne('run', 'run a task made from a template', 'deploy --param service=web --param replicas=3')
    .option('--param <name=value>', 'a parameter, several times', collectParameter)
    .option('--name <name>', 'name of the task')
    .option('--priority <1-10>', 'high 8-10, normal 4-7, low 1-3', wholeNumber(1, 10))
    .option('--idempotency-key <key>', 'the same key again is the same task')
    .action(async (ref: string, flags: RunFlags) => {
      const client = connect(flags)
      const { project, idempotencyKey, name, priority } = flags
      const template = await client.template(ref, { project })
      const body: TemplateTask = {
        params: typedParameters(template, flags.param ?? {}),
        ...(name === undefined ? {} : { name }),
        ...(priority === undefined ? {} : { priority }),
      }
      const { task } = await client.runTemplate(ref, body, { project, idempotencyKey })
      if (flags.json === true) sayJson(task)
      else say(task.taskId)
    })
}

function deleteCommand(): Command {
  return aboutOne('delete', 'delete a template; its tasks stay', 'deploy').action(
    async (ref: string, flags: PlanFlags) => {
      await connect(flags).deleteTemplate(ref, { project: flags.project })
      if (flags.json === true) sayJson({ deleted: ref })
    },
  )
}

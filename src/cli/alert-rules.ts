import { Argument, Command, Option } from 'commander'
import type { AlertDelivery, AlertRules } from '../client/index.js'
import { type RuleKind, ruleKinds } from '../core/alerts/rules.js'
import { limits } from '../core/limits.js'
import { connect } from './connection.js'
import { type ClientFlags, duration, numberBetween, withLeader } from './options.js'
import { age, note, plain, say, sayJson, styled, table } from './print.js'

export function alertRulesCommand(): Command {
  const command = new Command('rules')
    .description('when alerts are raised, and where they are told')
    .addHelpText('after', '\nExample:\n  agentflow alert rules')
  return withLeader(command).action(async (flags: ClientFlags) => {
    const client = connect(flags)
    const [rules, webhook] = await Promise.all([client.alertRules(), client.alertDelivery()])
    if (flags.json === true) {
      sayJson({ rules, webhook })
      return
    }
    say(ruleTable(rules))
    note(deliveryText(webhook, Date.now()))
  })
}

interface RuleFlags extends ClientFlags {
  readonly on?: true
  readonly off?: true
  readonly above?: number
  readonly for?: number
  readonly reset?: true
}

export function alertRuleCommand(): Command {
  const command = new Command('rule')
    .description('change when alerts of a kind are raised, or switch it off')
    .addArgument(new Argument('<kind>', 'of alerts').choices([...ruleKinds]))
    .addOption(new Option('--on', 'raise such alerts').conflicts(['off', 'reset']))
    .addOption(new Option('--off', 'raise none; those that are open end').conflicts('reset'))
    .option(
      '--above <n>',
      'more than so many tasks (backlog, failures), or this share of 1 (cpu, memory, disk)',
      numberBetween(0, limits.tasksUnfinishedMax),
    )
    .option('--for <dur>', 'for so long without a break; of failures: within so long', duration)
    .addOption(new Option('--reset', 'as it is built in').conflicts(['above', 'for']))
    .addHelpText(
      'after',
      `
Examples:
  agentflow alert rule cpu --above 0.95 --for 10m
  agentflow alert rule stall --off
  agentflow alert rule cpu --reset`,
    )
  return withLeader(command).action(async (kind: RuleKind, flags: RuleFlags) => {
    const rules = await connect(flags).setAlertRules({ [kind]: wishOf(flags) })
    if (flags.json === true) sayJson({ rules })
    else say(ruleTable({ [kind]: rules[kind] }))
  })
}

function wishOf({ on, off, above, for: forMs, reset }: RuleFlags) {
  if (reset === true) return null
  return {
    ...(on === true || off === true ? { on: on === true } : {}),
    ...(above === undefined ? {} : { above }),
    ...(forMs === undefined ? {} : { forMs }),
  }
}

function ruleTable(rules: Partial<AlertRules['rules']>): string {
  const rows = Object.entries(rules).map(([kind, { on, above, forMs, builtIn }]) => {
    const isShare = kind === 'cpu' || kind === 'memory' || kind === 'disk'
    const isOther = on !== builtIn.on || above !== builtIn.above || forMs !== builtIn.forMs
    return [
      kind,
      on ? 'on' : styled('yellow', 'off'),
      above === null ? '–' : isShare ? `${Math.round(above * 100)} %` : `${above} tasks`,
      forMs === null ? '–' : age(forMs),
      isOther ? 'changed' : 'built in',
    ]
  })
  return table(['RULE', 'STATE', 'ABOVE', 'FOR', 'FROM'], rows)
}

function deliveryText(webhook: AlertDelivery['webhook'], nowMs: number): string {
  if (webhook === null) return 'Alerts are told to no web address: agentflow leader --alert-webhook URL'
  const { host, state, error, failingSince, nextTryAt, deliveredAt } = webhook
  if (state !== 'failing' || failingSince === null)
    return `Alerts are told to ${host}${deliveredAt === null ? '' : `, the last one ${age(nowMs - deliveredAt)} ago`}.`
  const next = nextTryAt === null ? '' : `; next try in ${age(nextTryAt - nowMs)}`
  return `Alerts do not reach ${host} for ${age(nowMs - failingSince)}: ${plain(error ?? '')}${next}`
}

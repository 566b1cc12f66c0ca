import type { Decision } from '../decision.js'
import { ControlError } from '../errors.js'
import { born, draft } from '../event.js'
import { findPlan, mayBeNamed, planAnswer } from '../index/plans.js'
import type { Command, Input } from '../input.js'
import { limits } from '../limits.js'
import type { State } from '../state.js'
import type { Template } from './template.js'

type Named<Name extends Command['name']> = Extract<Command, { readonly name: Name }>

const about = (template: Template) => ({
  kind: 'template' as const,
  id: template.templateId,
  projectId: template.projectId,
})

export function decideCreateTemplate(state: State, { definition }: Named<'create_template'>): Decision {
  if (state.index.plans.count('template') >= limits.templatesMax) {
    throw new ControlError(
      'resource_exhausted',
      `there are ${limits.templatesMax} templates already; delete one that is not needed`,
    )
  }
  mayBeNamed(state, 'template', definition)
  const entity = { kind: 'template' as const, id: born, projectId: definition.projectId }
  return planAnswer('template', [draft('TemplateCreated', entity, { definition })])
}

/** [TP4] The next version; tasks that were made from an older one are not touched. */
export function decideUpdateTemplate(
  state: State,
  input: Input,
  command: Named<'update_template'>,
): Decision {
  const template = findPlan(state, 'template', command.ref, input.projectId)
  const { definition } = command
  mayBeNamed(state, 'template', definition, template.templateId)
  return planAnswer(
    'template',
    [draft('TemplateUpdated', about(template), { definition })],
    template.templateId,
  )
}

export function decideDeleteTemplate(
  state: State,
  input: Input,
  command: Named<'delete_template'>,
): Decision {
  const template = findPlan(state, 'template', command.ref, input.projectId)
  return planAnswer('template', [draft('TemplateDeleted', about(template), {})], template.templateId)
}

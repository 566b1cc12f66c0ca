import type { LogEvent } from '../event.js'
import { templateIdOf } from '../ids.js'
import type { Template } from './template.js'

export function evolveTemplate(template: Template | undefined, event: LogEvent): Template | undefined {
  switch (event.type) {
    case 'TemplateCreated':
      return {
        kind: 'template',
        templateId: templateIdOf(event.entity.id),
        projectId: event.body.definition.projectId,
        definition: event.body.definition,
        version: 1,
        deleted: false,
        createdAtMs: event.atMs,
        updatedAtMs: event.atMs,
        seq: event.seq,
      }
    case 'TemplateUpdated': {
      if (template === undefined) return undefined
      const { definition } = event.body
      return {
        ...template,
        definition,
        version: template.version + 1,
        updatedAtMs: event.atMs,
        seq: event.seq,
      }
    }
    case 'TemplateDeleted':
      return template === undefined ? undefined : { ...template, deleted: true, seq: event.seq }
    default:
      return template
  }
}

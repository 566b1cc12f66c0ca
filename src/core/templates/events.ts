import type { TemplateDefinition } from './template.js'

export interface TemplateEventBodies {
  TemplateCreated: { readonly definition: TemplateDefinition }
  /** The next version. */
  TemplateUpdated: { readonly definition: TemplateDefinition }
  TemplateDeleted: Readonly<Record<string, never>>
}

import { z } from 'zod'
import { catalogue } from '../contract/catalogue.js'
import { placementSchema } from '../contract/placement.js'
import { tool } from './tool.js'

/** Settings of the cluster that can be changed while it runs. */
export const settingTools = {
  choose_placement: tool({
    ...catalogue.choose_placement,
    result: placementSchema,
    run: async (plane, caller, { strategy, weights }) => {
      const command = { name: 'choose_placement', strategy, weights } as const
      await plane.execute(caller, { command, projectId: 'default' })
      return plane.placement(caller)
    },
  }),
  get_placement: tool({
    summary: 'How a master is chosen among those that can take a task',
    action: 'read',
    resource: 'setting',
    schema: z.strictObject({}),
    result: placementSchema,
    run: (plane, caller) => plane.placement(caller),
  }),
} as const

/** Words for how masters are chosen, in English. */
export const enPlacement = {
  placement: {
    title: 'Placement',
    hint: 'How a master is chosen among those that can take a task. It holds for the whole cluster, from the next task on.',
    name: {
      'first-fit': 'First fit',
      'round-robin': 'Round robin',
      'least-connections': 'Least busy',
      'resource-based': 'Most room',
      affinity: 'Affinity',
      'weighted-response': 'Fastest',
      'consistent-hash': 'Consistent hash',
      weighted: 'Weighted',
    },
    about: {
      'first-fit': 'The lowest free slot number, so that equal masters fill evenly.',
      'round-robin': 'The master whose newest run began longest ago.',
      'least-connections': 'The master with the fewest runs.',
      'resource-based': 'The master whose CPU and memory are least in use.',
      affinity: 'Tasks of one account go to the same master; others as by first fit.',
      'weighted-response':
        'The master that is expected to be done soonest, by how long such runs took there.',
      'consistent-hash': 'Tasks of one concurrency key, or of one name, go to the same master.',
      weighted: 'The least sum of slots in use, CPU, memory and run time, each by its weight.',
    },
    weight: { connections: 'Slots in use', cpu: 'CPU', memory: 'Memory', response: 'Run time' },
    setWeights: 'Set the weights',
  },
} as const

/** Words of the dashboard. */
export const enDashboard = {
  dashboard: {
    masters: 'Masters live',
    agents: 'Agents busy',
    running: 'Tasks running',
    waiting: 'Tasks waiting',
    ended: 'Ended in the last hour',
    failed: 'Failed in the last hour',
    mean: 'mean',
    highest: 'highest',
    throughput: 'Completed per minute',
    completed: 'completed',
    errors: 'Errors',
    failedShare: 'share that failed',
    waited: 'Wait before the start',
    ran: 'Run time',
    p50: 'half within',
    p95: '95% within',
    span: 'The last hour, a point a minute for work and every ten seconds for load.',
    loadFailed: 'The leader did not give the load from before this page was opened.',
  },
}

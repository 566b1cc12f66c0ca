/** 仪表盘的用语。 */
export const zhDashboard = {
  dashboard: {
    masters: '在线主控',
    agents: '忙碌智能体',
    running: '运行中的任务',
    waiting: '等待中的任务',
    ended: '近一小时结束',
    failed: '近一小时失败',
    mean: '平均',
    highest: '最高',
    throughput: '每分钟完成数',
    completed: '完成',
    errors: '错误',
    failedShare: '失败占比',
    waited: '启动前等待',
    ran: '运行时长',
    p50: '半数不超过',
    p95: '95% 不超过',
    span: '最近一小时：任务每分钟一点，负载每十秒一点。',
    loadFailed: '领导者未提供打开本页之前的负载。',
  },
}

/** Words for triggers, in Chinese. */
export const zhTriggers = {
  trigger: {
    hint: '由事件启动的任务，每个事件一次。',
    new: '新建触发器',
    empty: '没有触发器',
    emptyHint: '触发器会在事件发生时运行任务。命令行：',
    on: '时机',
    what: { task_finished: '任务结束', alert_raised: '出现告警', node_joined: '主控加入' },
    if: '仅当',
    ifHint: '空 = 总是；例如 {{example}}',
    always: '每次',
    made: '已创建',
    tasks_other: '{{count}} 个任务',
    error: '最近的错误',
    failures_other: '{{count}} 次失败，最近一次 {{at}}',
    commandHint: '$1 是 {{subject}}',
  },
} as const

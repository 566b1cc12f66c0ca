/** What is around every screen, and the big screen, in Chinese. */
export const zhShell = {
  verdict: {
    notLive: '没有实时数据',
    old: '已有 {{duration}} 没有实时数据',
    noMasters: '还没有主控加入',
    ok: '一切正常，没有运行中的任务',
    waiting: '一切正常，任务尚未开始运行',
    busy: '一切正常',
    attention_other: '{{count}} 个任务需要您处理',
    down_other: '{{count}} 个主控离线',
    deaf_other: '{{count}} 个主控不接受命令',
    silent_other: '{{count}} 个主控失联',
    quarantined_other: '{{count}} 个主控的上报被隔离',
    exceeded_other: '{{count}} 项超过阈值',
    stuck_other: '{{count}} 个任务没有主控能运行',
    slow_other: '{{count}} 个主控响应缓慢',
    failedLately_other: '最近 15 分钟有 {{count}} 个任务失败',
  },
} as const

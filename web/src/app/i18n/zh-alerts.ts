/** Words for alerts, their rules and their delivery, in Chinese. */
export const zhAlerts = {
  alert: {
    stall: '停滞',
    offline: '主控离线',
    deaf: '主控不接受命令',
    quarantined: '上报已隔离',
    backlog: '排队任务过多',
    failures: '失败任务过多',
    cpu: 'CPU 繁忙',
    memory: '内存将满',
    disk: '磁盘将满',
    fleet: '整个集群',
    lines: '它的日志',
    closed: '已结束',
    closedSome: '已结束：最新 {{shown}} / {{total}}',
  },
  alertState: {
    raised: '{{time}} 发生',
    acked: '{{time}} 已看到',
    shelved: '{{time}} 已搁置',
    cleared: '{{time}} 已解除',
  },
} as const

/** Words for how masters are chosen, in Chinese. */
export const zhPlacement = {
  placement: {
    title: '分配策略',
    hint: '在能运行任务的主控中如何选择。对整个集群生效，从下一个任务开始。',
    name: {
      'first-fit': '先填空位',
      'round-robin': '轮流',
      'least-connections': '最少运行',
      'resource-based': '最空闲',
      affinity: '账户亲和',
      'weighted-response': '最快完成',
      'consistent-hash': '一致性哈希',
      weighted: '加权',
    },
    about: {
      'first-fit': '选空槽编号最小的，使同等主控均匀填充。',
      'round-robin': '选最近一次启动距今最久的主控。',
      'least-connections': '选正在运行任务最少的主控。',
      'resource-based': '选 CPU 和内存占用最低的主控。',
      affinity: '同一账户的任务去同一主控；其余按先填空位。',
      'weighted-response': '按同类任务在各主控的用时，选预计最早完成的。',
      'consistent-hash': '同一并发键（或同名）的任务去同一主控。',
      weighted: '按权重合计占用槽位、CPU、内存和用时，选最小的。',
    },
    weight: { connections: '占用槽位', cpu: 'CPU', memory: '内存', response: '用时' },
    setWeights: '设置权重',
  },
} as const

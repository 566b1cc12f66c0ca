/** 保留设置的用语。 */
export const zhRetention = {
  retention: {
    title: '保留多少历史',
    hint: '时间回放、历史和恢复都读取日志流水。无论先到哪个上限，最旧的先删。',
    days: '流水，天数',
    size: '流水，GiB',
    lines: '输出行数',
    builtIn: '内置：{{value}}',
    save: '按此保留',
    reset: '恢复内置',
  },
}

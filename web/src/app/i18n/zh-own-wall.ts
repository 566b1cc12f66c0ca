/** Words for a master's own wall, in Chinese. */
export const zhOwnWall = {
  ownWall: {
    mark: '仅本机',
    bar: '领导者自 {{time}} 起失联，已有 {{duration}}。',
    shown: '只有 {{id}} 是实时的，其余为最后得知的状态；领导者恢复之前无法执行操作。',
  },
}

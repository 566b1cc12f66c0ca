/** Words for templates, and for lists of what feeds the queue, in Chinese. */
export const zhTemplates = {
  entity: { delete: '删除' },
  template: {
    hint: '带空位的任务，运行时填入。',
    empty: '没有模板',
    emptyHint: '模板是带参数的任务。命令行：',
    name: '名称',
    makes: '运行内容',
    parameters: '参数',
    version: '版本',
    run: '运行 {{name}}',
    delete: '删除 {{name}}',
    deleteNote: '由它生成的任务会保留。使用它的计划和触发器将无法再生成任务。',
    noParameters: '它没有参数。',
    must: '必填',
    unlessSaid: '默认 {{value}}',
    notSaid: '不填',
    yes: '是',
    no: '否',
    type: { string: '文本', number: '数字', boolean: '是或否' },
  },
} as const

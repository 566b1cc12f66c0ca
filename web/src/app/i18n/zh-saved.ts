/** 已保存筛选的用语。 */
export const zhSaved = {
  saved: {
    open: '已存筛选',
    title: '已存筛选',
    empty: '此页面没有保存的筛选',
    nothing: '请先筛选列表，然后可在此保存筛选条件。',
    name: '为当前筛选命名',
    save: '保存',
    delete: '删除 {{name}}',
    fromTemplate: '改为从模板运行',
  },
}

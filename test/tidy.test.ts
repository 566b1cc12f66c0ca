import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { brokenLinks, missingDocuments, specMismatches } from './tidy/doc-rules.js'
import { forbiddenImports, homeless, wrongPermissions } from './tidy/import-rules.js'
import { type Room, rooms } from './tidy/rooms.js'
import { repository, type Sources } from './tidy/sources.js'
import { textRules } from './tidy/text-rules.js'

const sources = repository()

describe('the repository', () => {
  it('imports only what the table of rooms allows', () => {
    expect(forbiddenImports(sources, rooms)).toEqual([])
  })

  it('uses every permission of the table that is not planned', () => {
    expect(wrongPermissions(sources, rooms)).toEqual([])
  })

  it('has a room for every source file', () => {
    expect(homeless(sources, rooms)).toEqual([])
  })

  it('has documents whose links lead somewhere', () => {
    expect(brokenLinks(sources, existsSync)).toEqual([])
  })

  it('names only documents that are there', () => {
    expect(missingDocuments(sources, existsSync)).toEqual([])
  })

  it('has a test for each rule of the specification', () => {
    expect(specMismatches(sources)).toEqual([])
  })

  for (const [name, rule] of Object.entries(textRules)) {
    it(name, () => {
      expect(rule(sources)).toEqual([])
    })
  }
})

const files = (entries: Readonly<Record<string, string>>): Sources => new Map(Object.entries(entries))
const imports = (specifier: string, clause = '{ x }'): string => `import ${clause} from '${specifier}'\n`

describe('a rule of the table finds', () => {
  const found = (entries: Readonly<Record<string, string>>): readonly string[] =>
    forbiddenImports(files(entries), rooms)

  it.each([
    ['a room that is closed', 'src/core/a.ts', imports('../leader/b.js')],
    ['an import over several lines', 'src/hub/a.ts', "import {\n  x,\n  y,\n} from '../leader/b.js'\n"],
    ['a re-export', 'src/hub/a.ts', "export { x } from '../leader/b.js'\n"],
    ['a dynamic import', 'src/hub/a.ts', "const x = await import('../leader/b.js')\n"],
    ['a worker file', 'src/core/a.ts', "new Worker(new URL('../leader/b.js', import.meta.url))\n"],
    ['node:* in a pure room', 'src/leader/a.ts', imports('node:fs')],
    ['a library in a pure room', 'src/master/a.ts', imports('ws')],
    ['a library but zod in the contract', 'src/contract/a.ts', imports('ws')],
    ['node:* in the client', 'src/client/a.ts', imports('node:net')],
    ['a rule of core in the contract', 'src/contract/a.ts', imports('../core/tasks/decide.js')],
    ['testing in the product', 'src/compose/a.ts', imports('../testing/b.js')],
    ['an adapter in another', 'src/adapters/clock/a.ts', imports('../meter/b.js')],
    ['a feature in another', 'web/src/features/tasks/a.tsx', imports('../chat/b.js')],
    ['a feature in ui', 'web/src/ui/a.tsx', imports('../features/chat/b.js')],
  ])('%s', (_name, path, text) => {
    const target = { 'src/leader/b.ts': '', 'src/testing/b.ts': '', 'src/core/tasks/decide.ts': '' }
    expect(found({ ...target, [path]: text })).toHaveLength(1)
  })

  it.each([
    ['types of core', 'src/contract/a.ts', imports('../core/tasks/task.js', 'type { Task }')],
    ['named limits of core', 'src/contract/a.ts', imports('../core/limits.js')],
    ['zod in the contract', 'src/contract/a.ts', imports('zod')],
    ['the same adapter', 'src/adapters/clock/a.ts', imports('./b.js')],
    ['anything in a test', 'src/core/a.test.ts', imports('../testing/b.js') + imports('vitest')],
  ])('nothing wrong with %s', (_name, path, text) => {
    expect(found({ [path]: text })).toEqual([])
  })

  it('a permission that nothing uses, and a planned one that is used', () => {
    const table: readonly Room[] = [
      { name: 'one', folder: 'src/one/', imports: [{ to: 'two' }], libraries: 'none' },
      { name: 'two', folder: 'src/two/', imports: [{ to: 'one', planned: true }], libraries: 'none' },
    ]
    const using = files({ 'src/one/a.ts': '', 'src/two/b.ts': imports('../one/a.js') })
    expect(wrongPermissions(using, table)).toEqual([
      'one → two is used by nothing',
      'two → one is used: it is not planned any more',
    ])
  })

  it('a file that belongs to no room', () => {
    expect(homeless(files({ 'src/attic/a.ts': '' }), rooms)).toEqual(['src/attic/a.ts'])
  })
})

describe('a rule on text finds', () => {
  const violation: Readonly<Record<keyof typeof textRules, readonly [path: string, text: string]>> = {
    'a file has at most 400 lines': ['src/core/a.ts', 'x\n'.repeat(401)],
    'paths are kebab-case': ['src/core/taskList.ts', ''],
    'no path says utils, helpers or common': ['src/core/string-utils.ts', ''],
    'no default exports but in configuration': ['src/core/a.ts', 'export default 1'],
    'only compose/config.ts reads the environment': ['src/cli/main.ts', `process.${'env'}.HOME`],
    'no note of unfinished work': ['src/core/a.ts', `// TO${'DO'}: later`],
    'no test is left out or alone': ['src/core/a.test.ts', `it.${'only'}('x', () => {})`],
    'no test sleeps': ['src/core/a.test.ts', `await new ${'Promise'}((done) => setTimeout(done, 5))`],
    'no exported wildcard': ['src/core/a.ts', "export * from './b.js'"],
  }

  it.each(Object.entries(textRules))('a break of: %s', (name, rule) => {
    const [path, text] = violation[name as keyof typeof textRules]
    expect(rule(files({ [path]: text }))).toHaveLength(1)
  })
})

describe('a rule on documents finds', () => {
  it('a link to a file or a heading that is not there', () => {
    const docs = files({ 'docs/a.md': '# One\n[x](b.md) [y](c.md) [z](#one) [w](#two)', 'docs/b.md': '' })
    expect(brokenLinks(docs, (path) => docs.has(path))).toEqual([
      'docs/a.md links to c.md, which is not there',
      'docs/a.md links to #two: no such heading',
    ])
  })

  it('a document that code names and that is not there', () => {
    const code = files({ 'src/a.ts': '// see docs/b.md and c.md' })
    expect(missingDocuments(code, (path) => path === 'docs/b.md')).toEqual([
      'src/a.ts names c.md, which is not there',
    ])
  })

  it('an unknown id, a rule without a test, a planned rule with one, and an id given twice', () => {
    const spec =
      '- **[AA1]** x\n- **[AA2]** x\n- **[AA3]** (planned) x\n- **[AA4]** (planned) x\n- **[AA1]** x\n'
    const test = "it('[AA1] [AA9] one', () => {})\nit.each([1])('[AA3] two', () => {})"
    expect(specMismatches(files({ 'docs/spec.md': spec, 'src/a.test.ts': test }))).toEqual([
      'src/a.test.ts quotes [AA9], which docs/spec.md lacks',
      '[AA2] is quoted by no test',
      '[AA3] is tested: it is not planned any more',
      '[AA1] stands twice in docs/spec.md',
    ])
  })
})

import { posix } from 'node:path'
import { isCode, isTest, type Sources } from './sources.js'

/** Relative links in Markdown whose file or heading is not there. */
export function brokenLinks(sources: Sources, exists: (path: string) => boolean): readonly string[] {
  return [...sources].flatMap(([path, text]) =>
    path.endsWith('.md') ? linksOf(text).flatMap((link) => brokenReason(sources, exists, path, link)) : [],
  )
}

/** Documents that code names (`docs/spec.md`, or `spec.md` for short) and that are not there. */
export function missingDocuments(sources: Sources, exists: (path: string) => boolean): readonly string[] {
  return [...sources].flatMap(([path, text]) =>
    isCode(path) && !path.startsWith('test/tidy')
      ? [...text.matchAll(/[\w./-]+\.md\b/g)]
          .filter(([name]) => !exists(name) && !exists(`docs/${name}`))
          .map(([name]) => `${path} names ${name}, which is not there`)
      : [],
  )
}

const linksOf = (text: string): readonly string[] =>
  [...withoutCode(text).matchAll(/\]\((?<target>[^)\s]+)\)/g)].map((match) => match.groups?.target ?? '')

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')

function brokenReason(
  sources: Sources,
  exists: (path: string) => boolean,
  from: string,
  link: string,
): readonly string[] {
  if (/^[a-z]+:/.test(link)) return []
  const [file = '', heading] = link.split('#')
  const target = file === '' ? from : posix.normalize(posix.join(posix.dirname(from), file))
  if (!exists(target)) return [`${from} links to ${link}, which is not there`]
  const text = sources.get(target)
  if (heading === undefined || text === undefined) return []
  return headingsOf(text).includes(heading) ? [] : [`${from} links to ${link}: no such heading`]
}

/** Anchors as code hosts make them: lower case, punctuation dropped, spaces to hyphens. */
const headingsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (?<title>.+)$/gm)].map((match) =>
    (match.groups?.title ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  )

interface SpecRule {
  readonly id: string
  readonly isPlanned: boolean
}

/** Rules of docs/spec.md: list items that begin with their id, `- **[ST4]** …`; `(planned)` = no test quotes it yet. */
const specRules = (spec: string): readonly SpecRule[] =>
  [...spec.matchAll(/^- \*\*\[(?<id>[A-Z]{2}\d+)\]\*\*(?<planned> \(planned\))?/gm)].map((match) => ({
    id: match.groups?.id ?? '',
    isPlanned: match.groups?.planned !== undefined,
  }))

/** Ids that a test's title quotes: `it('[ST4] a resumed stream …`. */
const quotedIds = (text: string): readonly string[] =>
  [
    ...text.matchAll(
      /\b(?:it|test|describe)(?:\.\w+)*(?:\([^'"`]*\))?\(\s*['"`](?<ids>(?:\[[A-Z]{2}\d+\]\s*)+)/g,
    ),
  ].flatMap((match) => [...(match.groups?.ids ?? '').matchAll(/[A-Z]{2}\d+/g)].map(([id]) => id))

/** Ids in the words of a comment: `/** [LV1] A silent master … *\/`. */
const mentionedIds = (text: string): readonly string[] =>
  [...text.matchAll(/^\s*(?:\/\*\*|\*|\/\/).*$/gm)].flatMap(([comment]) =>
    [...comment.matchAll(/\[(?<id>[A-Z]{2}\d+)\]/g)].map((match) => match.groups?.id ?? ''),
  )

/** Contract suites hold their titles for every adapter that runs them. */
const holdsTests = (path: string): boolean => isTest(path) || /^src\/testing\/.*-contract\.ts$/.test(path)

/** Ids that the specification lacks, rules without a test, planned rules that have one, ids given twice. */
export function specMismatches(sources: Sources): readonly string[] {
  const rules = specRules(sources.get('docs/spec.md') ?? '')
  const known = new Set(rules.map((rule) => rule.id))
  const code = [...sources].filter(([path]) => isCode(path) && !path.startsWith('test/tidy'))
  const quotedIn = new Map(
    code.flatMap(([path, text]) =>
      holdsTests(path) ? quotedIds(text).map((id) => [id, path] as const) : [],
    ),
  )
  const unknown = code.flatMap(([path, text]) =>
    [...new Set([...mentionedIds(text), ...(holdsTests(path) ? quotedIds(text) : [])])]
      .filter((id) => !known.has(id))
      .map((id) => `${path} quotes [${id}], which docs/spec.md lacks`),
  )
  const wrong = rules.flatMap(({ id, isPlanned }) => {
    if (isPlanned === !quotedIn.has(id)) return []
    return isPlanned ? [`[${id}] is tested: it is not planned any more`] : [`[${id}] is quoted by no test`]
  })
  const twice = rules.filter((rule, index) => rules.findIndex(({ id }) => id === rule.id) !== index)
  return [...unknown, ...wrong, ...twice.map(({ id }) => `[${id}] stands twice in docs/spec.md`)]
}

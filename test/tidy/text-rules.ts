import { isCode, isTest, type Sources } from './sources.js'

type Rule = (sources: Sources) => readonly string[]

const linesMax = 400
/** A contract is one file, so that the compiler of any language takes it alone. */
const contractLinesMax = 600

/** One violation per line that matches, in the files that `applies` takes. */
const lineRule =
  (applies: (path: string) => boolean, pattern: RegExp, message: string): Rule =>
  (sources) =>
    [...sources].flatMap(([path, text]) =>
      applies(path)
        ? text
            .split('\n')
            .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${message}`] : []))
        : [],
    )

/** One violation per path that matches. */
const pathRule =
  (applies: (path: string) => boolean, message: string): Rule =>
  (sources) =>
    [...sources.keys()].filter(applies).map((path) => `${path} ${message}`)

const folders = /^(src|web\/src|test|bench|scripts)\//
const segment = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|worker|d))*\.[a-z]+$|^[a-z0-9]+(-[a-z0-9]+)*$|^v\d+$/
const product = (path: string): boolean => /^(src|web\/src)\//.test(path) && isCode(path) && !isTest(path)

/** Rules that a text answers for itself. The patterns are written so that they do not find themselves. */
export const textRules = {
  'a file has at most 400 lines': (sources) =>
    [...sources].flatMap(([path, text]) => {
      const lines = text.trimEnd().split('\n').length
      const counts = isCode(path) || /\.(css|proto|html)$/.test(path)
      return counts && lines > (path.endsWith('.proto') ? contractLinesMax : linesMax)
        ? [`${path} has ${lines} lines`]
        : []
    }),
  'paths are kebab-case': pathRule(
    (path) => folders.test(path) && !path.split('/').every((part) => segment.test(part)),
    'is not kebab-case',
  ),
  'no path says utils, helpers or common': pathRule(
    (path) => folders.test(path) && /(^|[/-])(util|helper)s?(?=[/.-]|$)|(^|[/-])common(?=[/.-]|$)/.test(path),
    'is named for nothing',
  ),
  'no default exports but in configuration': lineRule(
    (path) => isCode(path) && !/\.config\.(ts|mjs)$/.test(path),
    /^\s*export\s+default\b|\bas default\b/,
    'exports a default',
  ),
  'only compose/config.ts reads the environment': lineRule(
    (path) => product(path) && path !== 'src/compose/config.ts',
    /\bprocess\.env\b/,
    'reads process.env',
  ),
  'no note of unfinished work': lineRule(
    (path) => isCode(path) || /\.(css|proto|md)$/.test(path),
    /\b(T[O]DO|FIX[M]E|XX[X]|HAC[K])\b/,
    'leaves work for later',
  ),
  'no test is left out or alone': lineRule(
    isTest,
    /\b(it|test|describe|suite)(\.\w+)*\.(only|skip|skipIf|runIf|todo|fails)\b|\b[xf](it|describe)\(/,
    'is not run with the others',
  ),
  'no test sleeps': lineRule(
    isTest,
    /\bawait\s+(new Promise\b.*\bsetTimeout\b|sleep\(|delay\(|setTimeout\()|\bset(Timeout|Interval)\b.*node:timers\/promises/,
    'waits for time instead of an event',
  ),
  'no exported wildcard': lineRule(
    (path) => isCode(path) && !path.startsWith('src/gen/'),
    /^\s*export\s+\*/,
    'exports everything',
  ),
} as const satisfies Record<string, Rule>

import type { ASTNode } from '@marcbachmann/cel-js'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.js'

/** What is wrong with an expression, and where (characters from 0). */
export interface Fault {
  readonly message: string
  readonly position: number
}

/** What happened, and what it happened to; an expression sees some of them. */
export const variables: readonly string[] = ['event', 'task', 'alert', 'node']
const loops: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter'])
/** Each takes time in proportion to its arguments and makes nothing larger; map() could make what grows with each step. */
const functions: ReadonlySet<string> = new Set([
  ...['has', 'size', 'int', 'uint', 'double', 'string', 'bool', 'type'],
  ...['startsWith', 'endsWith', 'contains', 'indexOf', 'lastIndexOf'],
  ...['substring', 'trim', 'lowerAscii', 'upperAscii'],
])

/** The first part of it that could take long, or that looks at a field that there never is; null = there is none. */
export function faultOf(ast: ASTNode, sample: JsonObject): Fault | null {
  return (
    call(ast) ??
    variable(ast, sample) ??
    field(ast, sample) ??
    first(childrenOf(ast), (child) => faultOf(child, sample))
  )
}

function call(ast: ASTNode): Fault | null {
  if (ast.op !== 'call' && ast.op !== 'rcall') return null
  const [name] = ast.args
  if (name === 'matches') return fault(ast, 'matches() is not offered: use startsWith, endsWith or contains')
  if (!loops.has(name) && !functions.has(name)) return fault(ast, `there is no function ${name}() here`)
  if (ast.op !== 'rcall' || !loops.has(name)) return null
  const [, walked, args] = ast.args
  const listMade = first([walked], (part) => find(part, (one) => one.op === '+'))
  if (listMade !== null) return fault(listMade, `${name}() may not walk a list that is made with +`)
  return first(args, (part) => find(part, isHeavyInLoop)) === null
    ? null
    : fault(ast, `inside of ${name}() there may be neither another loop nor +`)
}

const isHeavyInLoop = (ast: ASTNode): boolean =>
  ast.op === '+' || (ast.op === 'rcall' && loops.has(ast.args[0]))

function variable(ast: ASTNode, sample: JsonObject): Fault | null {
  if (ast.op !== 'id' || !variables.includes(ast.args) || Object.hasOwn(sample, ast.args)) return null
  return fault(ast, `there is no "${ast.args}" here; there are ${Object.keys(sample).join(', ')}`)
}

/** A path from a variable, such as task.result.exitCode, against the sample. */
function field(ast: ASTNode, sample: JsonObject): Fault | null {
  if (ast.op !== '.') return null
  const [owner, name] = ast.args
  const known = sampleAt(owner, sample)
  if (!isJsonObject(known) || Object.keys(known).length === 0 || Object.hasOwn(known, name)) return null
  return fault(ast, `there is no field "${name}"; there are ${Object.keys(known).join(', ')}`)
}

function sampleAt(ast: ASTNode, sample: JsonObject): Json | undefined {
  if (ast.op === 'id') return Object.hasOwn(sample, ast.args) ? sample[ast.args] : undefined
  if (ast.op !== '.') return undefined
  const owner = sampleAt(ast.args[0], sample)
  return isJsonObject(owner) && Object.hasOwn(owner, ast.args[1]) ? owner[ast.args[1]] : undefined
}

const fault = (ast: ASTNode, message: string): Fault => ({ message, position: ast.pos })

function find(ast: ASTNode, wanted: (ast: ASTNode) => boolean): ASTNode | null {
  return wanted(ast) ? ast : first(childrenOf(ast), (child) => find(child, wanted))
}

function first<T, R>(items: readonly T[], of: (item: T) => R | null): R | null {
  for (const item of items) {
    const found = of(item)
    if (found !== null) return found
  }
  return null
}

function childrenOf(ast: ASTNode): readonly ASTNode[] {
  switch (ast.op) {
    case 'value':
    case 'id':
      return []
    case '.':
    case '.?':
      return [ast.args[0]]
    case 'call':
      return ast.args[1]
    case 'rcall':
      return [ast.args[1], ...ast.args[2]]
    case 'map':
      return ast.args.flat()
    case '!_':
    case '-_':
      return [ast.args]
    default:
      return ast.args
  }
}

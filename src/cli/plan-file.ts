import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { parse, YAMLParseError } from 'yaml'
import { ControlError } from '../core/errors.js'

/** What a YAML or JSON file holds; `-` is standard input. What it must be, the leader says. */
export async function readPlanFile(path: string): Promise<unknown> {
  const text = await textOf(path)
  try {
    // JSON is YAML.
    return parse(text, { maxAliasCount: 100 })
  } catch (thrown) {
    if (!(thrown instanceof YAMLParseError) && !(thrown instanceof ReferenceError)) throw thrown
    const [sentence = ''] = thrown.message.split('\n')
    throw new ControlError('invalid_configuration', `${path} is neither YAML nor JSON: ${sentence}`)
  }
}

async function textOf(path: string): Promise<string> {
  if (path === '-') return readAll(process.stdin)
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new ControlError('invalid_configuration', `${path} cannot be read.`, { cause })
  }
}

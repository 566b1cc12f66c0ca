import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { command } from './command.mjs'
import { root } from './inputs.mjs'

/** The system's own interpreter: where the distribution's packages are. */
const python = '/usr/bin/python3'
const works = async (program, ...args) => (await command(program, args)).ok
const loadsSqlite = () => works(process.execPath, '-e', "new (require('better-sqlite3'))(':memory:').close()")

/** What the tests need beside npm's packages. `present` is asked before and after installing. */
const tools = [
  {
    name: 'Chromium (or CHROMIUM_PATH)',
    packages: ['chromium'],
    present: async () => existsSync(process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'),
  },
  {
    name: 'a font with Chinese glyphs',
    packages: ['fontconfig', 'fonts-noto-cjk'],
    present: async () => {
      const listed = await command('fc-list', [':lang=zh'])
      return listed.ok && listed.output.trim() !== ''
    },
  },
  {
    name: 'gRPC for Python',
    packages: ['python3-grpcio', 'python3-protobuf'],
    present: () => works(python, '-c', 'import grpc, google.protobuf'),
  },
  {
    name: 'protoc with its gRPC plugin',
    packages: ['protobuf-compiler', 'protobuf-compiler-grpc'],
    present: async () => existsSync('/usr/bin/grpc_python_plugin') && (await works('protoc', '--version')),
  },
  {
    name: 'the shells that completion is for',
    packages: ['zsh', 'fish'],
    present: async () => (await works('zsh', '--version')) && (await works('fish', '--version')),
  },
]

/** Installs what is missing; resolves false, having said what to run, when it cannot. */
export async function installTools() {
  const missing = []
  for (const tool of tools) if (!(await tool.present())) missing.push(tool)
  if (missing.length > 0) {
    const packages = missing.flatMap((tool) => tool.packages)
    if (!(await aptInstall(packages))) return false
    for (const tool of missing) {
      if (await tool.present()) continue
      console.log(`${tool.name} is still missing after installing ${tool.packages.join(' ')}`)
      return false
    }
  }
  return (await loadsSqlite()) || (await compileSqlite())
}

/** SQLite's module was not compiled, or for another Node. */
async function compileSqlite() {
  const absent = []
  for (const program of ['g++', 'make', 'python3'])
    if (!(await works(program, '--version'))) absent.push(program)
  if (absent.length > 0 && !(await aptInstall(absent))) return false
  console.log('compiling better-sqlite3 …')
  // npm leaves the package out altogether when its compilation failed.
  const isThere = existsSync(join(root, 'node_modules/better-sqlite3'))
  const args = isThere ? ['rebuild', 'better-sqlite3'] : ['ci']
  const compiled = await command('npm', args)
  if (compiled.ok && (await loadsSqlite())) return true
  console.log(`${compiled.output}better-sqlite3 could not be compiled; run: npm ${args.join(' ')}`)
  return false
}

async function aptInstall(packages) {
  const install = ['install', '-y', '--no-install-recommends', ...packages]
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.log(`missing; run: sudo apt-get ${install.join(' ')}`)
    return false
  }
  console.log(`installing ${packages.join(' ')} …`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const updated = await command('apt-get', ['update'], { env })
  const installed = await command('apt-get', install, { env })
  if (installed.ok) return true
  console.log(
    `${updated.output}${installed.output}run: sudo apt-get update && sudo apt-get ${install.join(' ')}`,
  )
  return false
}

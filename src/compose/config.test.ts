import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatAddress, parseAddress } from './address.js'
import { clientConfig } from './client-config.js'
import { dataIdOf, dataPaths, openDataDir, writeSecretFile } from './data-dir.js'
import { leaderConfig, leaderSettings } from './leader-config.js'
import { masterConfig } from './master-config.js'
import { type Layers, resolveSettings } from './settings.js'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'agentflow-config-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const layers = (
  flags: object = {},
  environment: Record<string, string> = {},
  file: object | null = null,
): Layers => ({
  flags: { data: dir, ...flags },
  environment,
  file: file === null ? null : { path: 'agentflow.json', values: { ...file } },
})
const joinFile = (caPem: string | null = null) =>
  writeSecretFile(dataPaths(dir).joinFile, { clusterId: 'c', leaders: ['127.0.0.1:8150'], key: 'k', caPem })

describe('the order of layers', () => {
  it.each([
    ['flag', layers({ id: 'a' }, { AGENTFLOW_ID: 'b' }, { id: 'c' }), 'a'],
    ['environment', layers({}, { AGENTFLOW_ID: 'b' }, { id: 'c' }), 'b'],
    ['file', layers({}, { AGENTFLOW_ID: '' }, { id: 'c' }), 'c'],
    ['default', layers(), 'leader-1'],
  ])('takes the %s', (source, given, id) => {
    const resolved = resolveSettings(leaderSettings, given)
    expect(resolved.values.id).toBe(id)
    expect(resolved.sources.id).toBe(source)
  })

  it('names where a wrong value stands', () => {
    expect(() => leaderConfig(layers({ http: '8100' }))).toThrow(
      '--http is "8100": give HOST:PORT, for example 127.0.0.1:8100.',
    )
    expect(() => leaderConfig(layers({}, { AGENTFLOW_LOG_LEVEL: 'loud' }))).toThrow(
      'AGENTFLOW_LOG_LEVEL is "loud"',
    )
    expect(() => leaderConfig(layers({}, {}, { id: '-' }))).toThrow('"id" in agentflow.json is "-"')
    expect(() => leaderConfig(layers({}, {}, { prot: 1 }))).toThrow('unknown key "prot"')
  })
})

describe('a leader', () => {
  it('listens on loopback by default', () => {
    expect(leaderConfig(layers())).toMatchObject({
      http: { host: '127.0.0.1', port: 8100 },
      grpc: { host: '127.0.0.1', port: 8150 },
      tls: 'off',
      dataDir: dir,
    })
  })

  it('is refused on any other address without TLS', () => {
    expect(() => leaderConfig(layers({ http: '0.0.0.0:8100' }))).toThrow(
      'without TLS; add --tls auto or bind 127.0.0.1.',
    )
    expect(() => leaderConfig(layers({ grpc: '[::]:8150' }))).toThrow('[::]:8150 without TLS')
    expect(leaderConfig(layers({ http: '0.0.0.0:8100', tls: 'auto' })).tls).toBe('auto')
  })

  it('takes exact origins only', () => {
    expect(leaderConfig(layers({ corsOrigins: ['https://wall.example'] })).corsOrigins).toEqual([
      'https://wall.example',
    ])
    expect(() => leaderConfig(layers({ corsOrigins: ['*'] }))).toThrow('give exact origins')
    expect(() => leaderConfig(layers({ corsOrigins: ['https://wall.example/path'] }))).toThrow(
      'give exact origins',
    )
  })
})

describe('a master', () => {
  it('joins with the file of the data directory and keeps its own folder in it', () => {
    joinFile()
    expect(masterConfig(layers({ id: 'master-1', labels: ['pool=a', 'zone=b'] }))).toMatchObject({
      leaders: ['127.0.0.1:8150'],
      dataDir: dataPaths(dir).master('master-1'),
      labels: { pool: 'a', zone: 'b' },
      slots: 10,
    })
  })

  const both = '127.0.0.1:1,127.0.0.1:2'
  const url = 'http://127.0.0.1:9'
  it.each([
    ['--leader', { leaders: both, master: url }, {}, both.split(',')],
    ['AGENTFLOW_LEADERS', {}, { AGENTFLOW_LEADERS: both, MASTER_URL: url }, both.split(',')],
    ['--master', { master: url }, {}, [url]],
    ['MASTER_URL', {}, { MASTER_URL: url }, [url]],
  ])('takes its leaders from %s', (_, flags, environment, leaders) => {
    joinFile()
    expect(masterConfig(layers(flags, environment)).leaders).toEqual(leaders)
  })

  it('says what to do without a join file', () => {
    expect(() => masterConfig(layers())).toThrow(`There is no join file at ${dataPaths(dir).joinFile};`)
  })

  it('says so when the join file is another file', () => {
    writeFileSync(dataPaths(dir).joinFile, '{"token":1}')
    expect(() => masterConfig(layers())).toThrow('is damaged or is another kind of file')
  })

  it('sends its key over a network only under TLS', () => {
    joinFile()
    expect(() => masterConfig(layers({ leaders: ['10.0.0.1:8150'] }))).toThrow(
      'start that leader with --tls auto',
    )
    joinFile('-----BEGIN CERTIFICATE-----')
    expect(masterConfig(layers({ leaders: ['10.0.0.1:8150'] })).leaders).toEqual(['10.0.0.1:8150'])
  })

  it('keeps its own HTTP server on this machine', () => {
    joinFile()
    expect(() => masterConfig(layers({ http: '0.0.0.0:8101' }))).toThrow('stays on this machine')
  })
})

describe('a client', () => {
  it('takes the environment before the file', () => {
    writeSecretFile(dataPaths(dir).clientFile, { url: 'http://127.0.0.1:1', token: 'afp_file', caPem: null })
    expect(clientConfig(layers())).toEqual({ url: 'http://127.0.0.1:1', token: 'afp_file', caPem: null })
    const environment = { AGENTFLOW_URL: 'http://127.0.0.1:2/', AGENTFLOW_TOKEN: 'afp_env' }
    expect(clientConfig(layers({}, environment))).toEqual({
      url: 'http://127.0.0.1:2',
      token: 'afp_env',
      caPem: null,
    })
  })

  it('says how to get a leader when none is known', () => {
    expect(() => clientConfig(layers())).toThrow('start one with "agentflow up"')
  })
})

describe('the data directory', () => {
  it('keeps secrets for this user alone, also over an older file', () => {
    const { clientFile } = dataPaths(dir)
    writeFileSync(clientFile, '{}', { mode: 0o644 })
    writeSecretFile(clientFile, { token: 'afp_x' })
    expect(statSync(clientFile).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(clientFile, 'utf8'))).toEqual({ token: 'afp_x' })
  })

  it('is known by the name that its master gave it', () => {
    expect(dataIdOf(dir)).toBeNull()
    writeSecretFile(join(dir, 'node.json'), { dataId: 'ab12', incarnation: 1 })
    expect(dataIdOf(dir)).toBe('ab12')
  })

  it('is made when it is missing and refused when it cannot be', () => {
    expect(openDataDir(join(dir, 'a', 'b'))).toBe(join(dir, 'a', 'b'))
    writeFileSync(join(dir, 'file'), '')
    expect(() => openDataDir(join(dir, 'file', 'c'))).toThrow(
      'cannot be written (a part of the path is a file)',
    )
    expect(() => openDataDir('/proc/agentflow/data')).toThrow('cannot be written (nothing can be made there)')
  })

  it('is made although another process makes its parents at the same moment', async () => {
    const rounds = 300
    const turn = new Int32Array(new SharedArrayBuffer(4))
    const rival = new Worker(
      `const { workerData: { dir, turn, rounds } } = require('node:worker_threads')
       const { mkdirSync } = require('node:fs')
       for (let round = 1; round <= rounds; round++) {
         while (Atomics.load(turn, 0) < round);
         mkdirSync(dir + '/' + round, { recursive: true })
       }`,
      { eval: true, workerData: { dir, turn, rounds } },
    )
    const ended = once(rival, 'exit')
    await once(rival, 'online')
    for (let round = 1; round <= rounds; round++) {
      Atomics.store(turn, 0, round)
      const path = join(dir, String(round), 'masters')
      expect(openDataDir(path)).toBe(path)
    }
    await ended
  })
})

describe('addresses', () => {
  it.each(['127.0.0.1:8100', 'leader:1', '[::1]:65535'])('reads and writes %s', (text) => {
    const address = parseAddress(text)
    expect(address === null ? null : formatAddress(address)).toBe(text)
  })

  it.each(['', '8100', 'host', 'host:', 'host:65536', '::1:80', 'http://host:80', 'a b:1'])(
    'refuses %j',
    (text) => {
      expect(parseAddress(text)).toBeNull()
    },
  )
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { dataPaths, writeSecretFile } from './data-dir.js'
import { leaderConfig } from './leader-config.js'
import { listSettings, type SettingRole, settingRoles } from './list-settings.js'
import type { Layers } from './settings.js'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'agentflow-settings-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const layers = (
  environment: Record<string, string> = {},
  file: Record<string, unknown> | null = null,
): Layers => ({
  flags: { data: dir },
  environment,
  file: file === null ? null : { path: 'agentflow.json', values: file },
})
const find = (role: SettingRole, name: string, given: Layers) =>
  listSettings([role], given).find((setting) => setting.name === name)

it('says of each value where it comes from', () => {
  const given = layers({ AGENTFLOW_HTTP: '0.0.0.0:9000' }, { grpc: '127.0.0.1:7000' })
  expect(find('leader', 'data', given)).toMatchObject({ value: dir, source: 'flag', where: '--data' })
  expect(find('leader', 'http', given)).toMatchObject({
    value: '0.0.0.0:9000',
    source: 'environment',
    where: 'AGENTFLOW_HTTP',
    variable: 'AGENTFLOW_HTTP',
    flag: 'http',
  })
  expect(find('leader', 'grpc', given)).toMatchObject({ source: 'file', where: 'agentflow.json' })
  expect(find('leader', 'tls', given)).toMatchObject({ value: 'off', source: 'default', where: '' })
})

it('says what the program itself would take', () => {
  const given = layers({
    AGENTFLOW_TLS: '/etc/tls',
    AGENTFLOW_CORS_ORIGINS: 'https://a.example,https://b.example',
  })
  const { corsOrigins } = leaderConfig(given)
  expect(find('leader', 'corsOrigins', given)?.value).toEqual(corsOrigins)
  expect(find('leader', 'tls', given)?.value).toBe('/etc/tls')
})

it('hides secrets, wherever they stand', () => {
  writeSecretFile(dataPaths(dir).clientFile, {
    url: 'http://127.0.0.1:8100',
    token: 'afp_secret',
    caPem: null,
  })
  const fromFile = find('client', 'token', layers())
  expect(fromFile).toMatchObject({ value: '(hidden)', source: 'file', where: dataPaths(dir).clientFile })
  expect(find('client', 'url', layers())).toMatchObject({ value: 'http://127.0.0.1:8100', source: 'file' })
  const all = listSettings(settingRoles, layers({ AGENTFLOW_TOKEN: 'afp_other' }))
  expect(JSON.stringify(all)).not.toMatch(/afp_/)
  expect(all.find(({ name }) => name === 'token')).toMatchObject({
    source: 'environment',
    where: 'AGENTFLOW_TOKEN',
  })
  expect(find('client', 'token', { ...layers(), flags: { data: `${dir}/none` } })?.value).toBeNull()
})

it('reads one file for several programs, and refuses a key that none has', () => {
  const given = layers({}, { slots: 3, grpc: '127.0.0.1:7000' })
  const listed = listSettings(settingRoles, given)
  expect(listed.filter(({ source }) => source === 'file').map(({ role, name }) => `${role}.${name}`)).toEqual(
    ['leader.grpc', 'master.slots', 'up.slots'],
  )
  expect(() => listSettings(['leader'], given)).toThrow('agentflow.json has the unknown key "slots"')
  expect(() => listSettings(settingRoles, layers({ AGENTFLOW_SLOTS: 'many' }))).toThrow(
    'AGENTFLOW_SLOTS is "many"',
  )
})

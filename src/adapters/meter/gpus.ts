import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { limits } from '../../core/limits.js'

/** Elsewhere than on Linux a library asks the system, for at most so long, ms. */
const askMs = 3_000

/** Names of the graphics processors, at most limits.labelsMax; [] when there are none or the system does not tell. */
export async function readGpus(): Promise<readonly string[]> {
  const names = process.platform === 'linux' ? linuxGpus() : await otherGpus()
  return names.slice(0, limits.labelsMax).map((name) => name.slice(0, limits.linkNameLengthMax))
}

/** By NVIDIA's driver with their names, else by the PCI class of display controllers with vendor and device. */
function linuxGpus(): readonly string[] {
  const named = entries('/proc/driver/nvidia/gpus').flatMap((folder) => {
    const model = /^Model:\s*(.+)$/m.exec(text(join(folder, 'information')))?.[1]
    return model === undefined ? [] : [model.trim()]
  })
  if (named.length > 0) return named
  return entries('/sys/bus/pci/devices').flatMap((folder) =>
    // 0x0300.. VGA, 0x0302.. 3D, 0x0380.. other display controllers.
    text(join(folder, 'class')).startsWith('0x03')
      ? [`${vendorName(text(join(folder, 'vendor')).trim())} ${text(join(folder, 'device')).trim()}`]
      : [],
  )
}

async function otherGpus(): Promise<readonly string[]> {
  try {
    const { graphics } = await import('systeminformation')
    const { controllers } = await inTime(graphics())
    return controllers.map(({ vendor, model }) => `${vendor} ${model}`.trim()).filter((name) => name !== '')
  } catch {
    return []
  }
}

const vendors: Readonly<Record<string, string>> = { '0x10de': 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel' }
const vendorName = (id: string): string => vendors[id] ?? id

function inTime<T>(value: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the system did not answer')), askMs)
    value.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name))
  } catch {
    return []
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

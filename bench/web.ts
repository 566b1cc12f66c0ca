import type { Bench } from './harness.js'
import { bundleRows } from './web-bundle.js'
import { filterRows, lineRows, updateRows } from './web-load.js'
import { mapRows } from './web-map.js'
import { soakRows } from './web-soak.js'
import { openBrowser } from './web-wall.js'

/**
 * The built wall in real Chromium, fed over the product's own socket endpoint by another process: the map of large
 * fleets, floods of changes and lines, long lists, and what a page loads before it paints.
 */
export const bench: Bench = async (options) => {
  const browser = await openBrowser()
  try {
    return [
      ...(await bundleRows(browser, options)),
      ...(await filterRows(browser, options)),
      ...(await lineRows(browser, options)),
      ...(await updateRows(browser, options)),
      ...(await mapRows(browser, options)),
      ...(await soakRows(browser, options)),
    ]
  } finally {
    await browser.close()
  }
}

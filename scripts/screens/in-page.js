/**
 * Looks at the page as it is drawn and answers what is wrong with it, one sentence each. Runs in the browser.
 * `limits.contrast`: the least ratio of text to its ground.
 */
// biome-ignore lint/correctness/noUnusedVariables: screens.ts calls it in the page.
function lookAt(limits) {
  // What lets clicks through must be seen all the same.
  const sheet = new CSSStyleSheet()
  sheet.replaceSync('* { pointer-events: auto !important }')
  document.adoptedStyleSheets = [sheet]
  const canvas = document.createElement('canvas')
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  const colors = new Map()

  /** Any CSS colour → [r, g, b, a], each 0–1. */
  const rgba = (color) => {
    const known = colors.get(color)
    if (known !== undefined) return known
    canvas.width = 1
    canvas.height = 1
    pen.clearRect(0, 0, 1, 1)
    pen.fillStyle = color
    pen.fillRect(0, 0, 1, 1)
    const made = [...pen.getImageData(0, 0, 1, 1).data].map((part) => part / 255)
    colors.set(color, made)
    return made
  }
  const over = ([r, g, b, a], below) =>
    [r, g, b].map((part, index) => part * a + below[index] * (1 - a)).concat(1)
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x)
    return (high + 0.05) / (low + 0.05)
  }

  /** An open dialog is all that can be used: what lies behind it is not looked at. */
  const root = document.querySelector('[role=dialog]') ?? document.body

  /** Every run of text on screen: its element, its words, its boxes. */
  const runs = []
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const words = node.data.trim()
    const element = node.parentElement
    if (words === '' || element === null || element.closest('script, style, option') !== null) continue
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const boxes = [...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1)
    // Words for screen readers only have a box of a pixel.
    const own = element.getBoundingClientRect()
    if (boxes.length === 0 || (own.width <= 1 && own.height <= 1)) continue
    runs.push({ element, words, boxes })
  }

  const isWithin = (x, y) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight

  /** What lies at a point, from the top down; null when something opaque covers the element there. */
  const stackBelow = (element, x, y) => {
    const stack = document.elementsFromPoint(x, y)
    const at = stack.findIndex((each) => each === element || element.contains(each))
    if (at < 0) return null
    const covers = stack.slice(0, at).some((each) => rgba(getComputedStyle(each).backgroundColor)[3] > 0.9)
    return covers ? null : stack.slice(at)
  }
  const groundOf = (stack) => {
    const layers = []
    for (const each of stack) {
      const color = rgba(getComputedStyle(each).backgroundColor)
      if (color[3] > 0) layers.push(color)
      if (color[3] === 1) break
    }
    layers.push(rgba(getComputedStyle(document.documentElement).backgroundColor))
    return layers.reduceRight((below, layer) => over(layer, below))
  }

  const found = []
  const short = (words) => (words.length > 50 ? `${words.slice(0, 49)}…` : words)
  const shown = []

  /** Left end, middle and right end of a run: where it is looked for. */
  const pointsOf = (box) =>
    [box.left + 2, box.left + box.width / 2, box.right - 2].map((x) => [x, box.top + box.height / 2])
  const opacityOf = (element) => {
    let opacity = 1
    for (let each = element; each !== null; each = each.parentElement)
      opacity *= getComputedStyle(each).opacity
    return opacity
  }

  for (const { element, words, boxes } of runs) {
    for (const box of boxes) {
      const stack = pointsOf(box)
        .filter(([x, y]) => isWithin(x, y))
        .map(([x, y]) => stackBelow(element, x, y))
        .find((each) => each !== null)
      if (stack === undefined) continue
      shown.push({ element, words, box })
      const ground = groundOf(stack)
      const [r, g, b, alpha] = rgba(getComputedStyle(element).color)
      const ratio = contrast(over([r, g, b, alpha * opacityOf(element)], ground), ground)
      if (ratio < limits.contrast) found.push(`contrast ${ratio.toFixed(1)}: "${short(words)}"`)
    }
  }

  const cutBox = (box, frame) =>
    DOMRect.fromRect({
      x: Math.max(box.left, frame.left),
      y: Math.max(box.top, frame.top),
      width: Math.max(0, Math.min(box.right, frame.right) - Math.max(box.left, frame.left)),
      height: Math.max(0, Math.min(box.bottom, frame.bottom) - Math.max(box.top, frame.top)),
    })
  /** What its clipping ancestors leave of a box. */
  const seenOf = (element, whole) => {
    let box = whole
    for (
      let each = element.parentElement;
      each !== null && each !== document.body;
      each = each.parentElement
    ) {
      const { overflowX, overflowY } = getComputedStyle(each)
      if (overflowX !== 'visible' || overflowY !== 'visible') box = cutBox(box, each.getBoundingClientRect())
    }
    return box
  }
  /** The part of a box that its clipping ancestors leave, and whether the cut is one that says so or can be scrolled. */
  const clipOf = (element, whole) => {
    let box = whole
    for (let each = element; each !== null && each !== document.body; each = each.parentElement) {
      const style = getComputedStyle(each)
      if (style.overflowX === 'visible' && style.overflowY === 'visible') continue
      if (/auto|scroll/.test(style.overflowX + style.overflowY)) return null
      const frame = each.getBoundingClientRect()
      const cut = Math.max(frame.left - box.left, box.right - frame.right)
      const cutY = Math.max(frame.top - box.top, box.bottom - frame.bottom)
      const says = style.textOverflow === 'ellipsis' && cutY <= box.height / 4
      if (cut > 1.5 && !says) return cut
      // A line is taller than its letters: a quarter of it may be cut without touching them.
      if (cutY > box.height / 4) return cutY
      // What an ellipsis stands for is not drawn further out.
      if (says) box = cutBox(box, frame)
    }
    return null
  }
  for (const { element, words, box: whole } of shown) {
    const cut = clipOf(element, whole)
    const says = element.closest('.truncate')?.getBoundingClientRect()
    const box = says === undefined ? whole : cutBox(whole, says)
    if (cut !== null) found.push(`clipped by ${Math.round(cut)} px: "${short(words)}"`)
    const out = Math.max(-box.left, box.right - innerWidth, -box.top, box.bottom - innerHeight)
    const scrolls = (() => {
      for (let each = element; each !== null; each = each.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(each)
        if (/auto|scroll/.test(overflowX + overflowY)) return true
      }
      return element.closest('.react-flow') !== null
    })()
    if (out > box.height / 4 && !scrolls)
      found.push(`outside the page by ${Math.round(out)} px: "${short(words)}"`)
  }

  for (const [index, a] of shown.entries()) {
    for (const b of shown.slice(index + 1)) {
      if (a.element === b.element || a.element.contains(b.element) || b.element.contains(a.element)) continue
      const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left)
      const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top)
      // Line boxes may touch; letters of two runs may not.
      if (width <= 2 || height <= Math.min(a.box.height, b.box.height) / 3) continue
      if (clipOf(a.element, a.box) !== null || clipOf(b.element, b.box) !== null) continue
      const hidden = (run) => {
        const frame = run.element.closest('.truncate')?.getBoundingClientRect()
        return frame !== undefined && Math.max(a.box.left, b.box.left) >= frame.right - 1
      }
      if (!hidden(a) && !hidden(b)) found.push(`overlap: "${short(a.words)}" and "${short(b.words)}"`)
    }
  }

  // What can be pressed must not lie over something else that can.
  const targets = [...root.querySelectorAll('button, a[href], input, select, textarea')].filter((element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }),
  )
  const pressed = targets.flatMap((element) => {
    const box = seenOf(element, element.getBoundingClientRect())
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2]
    return box.width > 1 && isWithin(x, y) && stackBelow(element, x, y) !== null ? { element, box } : []
  })
  const nameOf = (element) => short(element.ariaLabel ?? element.textContent.trim())
  for (const [index, a] of pressed.entries()) {
    for (const b of pressed.slice(index + 1)) {
      if (a.element.contains(b.element) || b.element.contains(a.element)) continue
      const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left)
      const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top)
      // Neighbours of a honeycomb reach into each other's corners.
      if (width > 4 && height > Math.min(a.box.height, b.box.height) / 8) {
        found.push(`targets overlap: "${nameOf(a.element)}" and "${nameOf(b.element)}"`)
      }
    }
  }

  /** A glyph that no font has is drawn as the font's sign for it. */
  const glyphs = new Map()
  const pictureOf = (character, font) => {
    canvas.width = 24
    canvas.height = 24
    pen.clearRect(0, 0, 24, 24)
    pen.fillStyle = 'black'
    pen.font = font
    pen.textBaseline = 'top'
    pen.fillText(character, 2, 2)
    return pen.getImageData(0, 0, 24, 24).data.join()
  }
  const isMissing = (character, family) => {
    const key = `${family}\n${character}`
    const known = glyphs.get(key)
    if (known !== undefined) return known
    const font = `16px ${family}`
    const missing = ['\u{10fffd}', '\u{effff}'].some(
      (none) => pictureOf(none, font) === pictureOf(character, font),
    )
    glyphs.set(key, missing)
    return missing
  }
  for (const { element, words } of shown) {
    const family = getComputedStyle(element).fontFamily
    const missing = [...new Set(words)].filter(
      (character) => !/\s/.test(character) && isMissing(character, family),
    )
    if (missing.length > 0) found.push(`no glyph for ${missing.join(' ')}: "${short(words)}"`)
  }
  for (const face of document.fonts)
    if (face.status === 'error') found.push(`font ${face.family} did not load`)
  document.adoptedStyleSheets = []
  return [...new Set(found)]
}

/** Runs in the browser: what has the focus, and whether a person can tell. */
// biome-ignore lint/correctness/noUnusedVariables: the tests call it in the page.
function describeFocus() {
  const element = document.activeElement
  if (element === null || element === document.body) return 'the page itself'
  // Around a dialog stand stops that send the focus back in.
  if (element.matches('[data-base-ui-focus-guard]')) return 'the edge of the dialog'
  const label = element.closest('label') ?? document.querySelector(`label[for="${CSS.escape(element.id)}"]`)
  const name =
    element.getAttribute('aria-label') ??
    element.getAttribute('title') ??
    (label?.textContent || element.textContent || element.getAttribute('placeholder') || '')
  const { width, height } = element.getBoundingClientRect()
  const what = `${element.tagName} ${element.getAttribute('class') ?? ''}`.slice(0, 120)
  if (name.trim() === '') return `unnamed: ${what}`
  if (width < 1 || height < 1) return `unseen: ${what}`
  return `${element.tagName} ${name.trim().slice(0, 60)} ${[...document.querySelectorAll('*')].indexOf(element)}`
}

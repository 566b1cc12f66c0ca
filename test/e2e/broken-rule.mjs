/**
 * Loaded into the real program by a test (`--import`), to break one rule: the success of a task called `poison` cannot be
 * folded.
 */
import { AssertionError } from '../../dist/core/assert.js'
import { Indexes } from '../../dist/core/index/indexes.js'

const { changed } = Indexes.prototype

Indexes.prototype.changed = function (before, after) {
  if (after.kind === 'task' && after.spec.name === 'poison') {
    const { state } = after
    if (state.phase === 'ending' && state.end.outcome === 'succeeded') throw new AssertionError('planted')
  }
  changed.call(this, before, after)
}

import Database from 'better-sqlite3'

/** A process that only reads a journal, in order, and ends: `recovery-read.js PATH AFTER_SEQ`. */
const [path = '', afterSeq = '0'] = process.argv.slice(2)
const db = new Database(path, { readonly: true })
let chars = 0
const rows = db
  .prepare<[number], { lines: string }>('SELECT lines FROM chunks WHERE last_seq > ? ORDER BY last_seq')
  .iterate(Number(afterSeq))
for (const { lines } of rows) chars += lines.length
db.close()
process.stdout.write(`${chars}\n`)

const read = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'wal_sync_method',
  'commit_delay',
  'shared_buffers',
  'wal_buffers',
  'max_wal_size',
  'checkpoint_timeout',
  'autovacuum',
]

/** The settings as the server has them, read over this pool. */
export async function settingsOf(pool) {
  const { rows } = await pool.query(
    'SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY($1)',
    [read],
  )
  const { rows: versions } = await pool.query('SHOW server_version')
  return `PostgreSQL ${versions[0].server_version}: ${rows.map(({ name, value }) => `${name}=${value}`).join(' ')}`
}

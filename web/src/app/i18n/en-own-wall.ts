/** Words for a master's own wall, in English. */
export const enOwnWall = {
  ownWall: {
    mark: 'Local only',
    bar: 'The leader is gone since {{time}}, {{duration}} ago.',
    shown: 'Live: {{id}} alone. All else is as it was told last, and acts wait until the leader is back.',
  },
}

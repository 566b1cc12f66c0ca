import { enAlerts } from './en-alerts.js'
import { enCompare } from './en-compare.js'
import { enConfigHistory } from './en-config-history.js'
import { enDashboard } from './en-dashboard.js'
import { enFleet } from './en-fleet.js'
import { enFlow } from './en-flow.js'
import { enLogs } from './en-logs.js'
import { enOwnWall } from './en-own-wall.js'
import { enPlacement } from './en-placement.js'
import { enQueue } from './en-queue.js'
import { enReasons } from './en-reasons.js'
import { enReplay } from './en-replay.js'
import { enRetention } from './en-retention.js'
import { enSaved } from './en-saved.js'
import { enShell } from './en-shell.js'
import { enTemplates } from './en-templates.js'
import { enTopology } from './en-topology.js'
import { enTriggers } from './en-triggers.js'
import { enWork } from './en-work.js'
import { enWorkItems } from './en-work-items.js'

/** Every word of the wall, in English; zh.ts has the same keys, which a test holds. */
export const en = {
  ...enWork,
  ...enAlerts,
  ...enCompare,
  ...enDashboard,
  ...enFleet,
  ...enFlow,
  ...enLogs,
  ...enConfigHistory,
  ...enOwnWall,
  ...enPlacement,
  ...enQueue,
  ...enReasons,
  ...enReplay,
  ...enShell,
  ...enRetention,
  ...enSaved,
  ...enTemplates,
  ...enTopology,
  ...enTriggers,
  ...enWorkItems,
  close: 'Close',
  cancel: 'Cancel',
  clearFilter: 'Clear the filter',
  tryAgain: 'Try again',
  loading: 'Loading…',
  since: 'for {{duration}}',
  ago: '{{duration}} ago',
  ms: '{{count}} ms',
  skip: 'Skip to content',
  list: {
    cut: 'The first {{shown}} of {{total}}; filter to find the rest.',
    cutWithBad_one:
      '{{shown}} of {{total}}, the {{count}} that needs somebody included; filter to find the rest.',
    cutWithBad_other:
      '{{shown}} of {{total}}, all {{count}} that need somebody included; filter to find the rest.',
  },
  screen: {
    overview: 'Overview',
    dashboard: 'Dashboard',
    topology: 'Topology',
    masters: 'Masters',
    agents: 'Agents',
    tasks: 'Tasks',
    queue: 'Queue',
    flow: 'Flow',
    logs: 'Logs',
    history: 'History',
    alerts: 'Alerts',
    settings: 'Settings',
    broken: 'This screen could not be shown',
    reload: 'Load the page again',
    unknown: 'There is no such screen',
  },
  nav: 'Screens',
  state: { ok: 'OK', busy: 'busy', waiting: 'needs a human', failed: 'failed', nodata: 'no data' },
  connection: {
    live: 'Live',
    connecting: 'Connecting',
    stale: 'No answer',
    offline: 'Not live',
    replay: 'Replay',
    bar: 'Not live since {{time}}.',
    barStale: 'The leader has not answered since {{time}}. What you see may be old.',
    noActs: 'Nothing can be sent until the wall is live again.',
    lookOnly: 'Look only',
    lookOnlyHint: 'Your role is viewer: you may look only. An admin or developer may act.',
    garbage: 'The leader sent what this page does not understand.',
    next: 'Next try in {{duration}}.',
    trying: 'Connecting now…',
    now: 'Try now',
    label: 'Connection: {{state}}',
  },
  tally: {
    masters: '{{live}}/{{all}} masters live',
    running: '{{count}} running',
    pending: '{{count}} waiting',
    failed: '{{count}} failed',
  },
  tray: {
    name: 'Commands',
    done: '{{done}} {{name}} · {{duration}}',
    doing: '{{doing}} {{name}}',
    refused: '{{act}} {{name}} was refused: {{message}}',
    expired: '{{act}} {{name}} came too late and was dropped.',
    notSent: 'Not live: {{act}} {{name}} was not sent.',
    unconfirmed: 'No answer to: {{act}} {{name}}. Look before asking again.',
  },
  chat: {
    name: 'Chat',
    open: 'Open the chat',
    close: 'Close the chat',
    context: 'What the chat is about',
    fleet: 'The whole fleet',
    project: 'Project {{project}}, all masters',
    you: 'You',
    leader: 'Leader',
    writing: 'writing…',
    notSent: 'not sent',
    intro: 'Type a command. It goes to the leader, which routes it to the chosen master.',
    input: 'Message',
    placeholder: 'Message or /command',
    offline: 'Not live; nothing can be sent',
    send: 'Send',
    completions: 'Suggestions',
  },
  slash: {
    '/help': 'what can be said here',
    '/nodes': 'masters and their load',
    '/tasks': 'tasks and their phase',
    '/run': 'run a shell command as a task',
    '/pause': 'pause a task',
    '/resume': 'let it go on',
    '/cancel': 'stop a task',
    '/retry': 'run it again',
  },
  empty: {
    unknown: 'Nothing received yet',
    masters: 'No master has joined',
    mastersFiltered: 'No master matches',
    agents: 'No master has reported an agent',
    agentsFiltered: 'No agent matches',
    tasks: 'No task yet',
    tasksOpen: 'Nothing runs, waits or failed',
    tasksFiltered: 'No task matches',
    lines: 'No line yet',
    linesFiltered: 'No line matches',
    output: 'It has not printed anything yet',
    alerts: 'Nothing needs you',
    alertsHint: 'Stalled tasks and lost masters appear here, with what was seen.',
    history: 'No run is on record yet',
    historyFiltered: 'No past run matches',
  },
  error: { unreachable: 'The leader does not answer.' },
  login: {
    how: 'To open the wall, start the cluster. It prints a link that signs you in once:',
    link: 'A link works for ten minutes. If yours is used up, paste the admin token that the same command prints.',
    token: 'Token',
    tokenHint: 'Kept for this tab only.',
    enter: 'Enter',
    sending: 'Checking…',
    refused: 'The leader does not take this token.',
    codeInvalid: 'This link was used already or is older than ten minutes.',
    ended: 'Your session has ended.',
    checking: 'Signing in…',
  },
  settings: {
    look: 'Look',
    language: 'Language',
    theme: 'Theme',
    system: 'As the system',
    light: 'Light',
    dark: 'Dark',
    wall: 'Big screen',
    wallHint: 'Letters are sized by how large they look from where people stand.',
    wallNow: 'Letters are sized for a screen of {{inches}} inches, seen from {{metres}} m.',
    inches: 'Diagonal in inches',
    metres: 'Distance in metres',
    openWall: 'Open the big-screen overview',
    session: 'Session',
    user: 'User',
    role: 'Role',
    expires: 'Ends',
    never: 'when it is revoked',
    signOut: 'Sign out',
    leader: 'Leader',
    leaderId: 'Name',
    term: 'Term',
    version: 'Version',
    durability: 'Durability',
    grpc: 'Address for masters',
    cluster: 'Cluster',
  },
  durability: { 'each-commit': 'every commit is on disk', degraded: 'degraded' },
  keys: {
    title: 'Keys',
    open: 'Show all keys',
    screens: 'Screens',
    lists: 'Lists',
    map: 'Map',
    acts: 'Acts',
    page: 'Page',
    next: 'Next row',
    previous: 'Previous row',
    filter: 'Filter',
    closeDetail: 'Close the detail',
    up: 'Node above',
    down: 'Node below',
    left: 'Node to the left',
    right: 'Node to the right',
    chat: 'Chat',
    help: 'This sheet',
  },
} as const

/** `screen.logs`: every key of the dictionary. */
type Keys<Words, Path extends string> = {
  [Key in keyof Words & string]: Words[Key] extends string
    ? `${Path}${Key}`
    : Keys<Words[Key], `${Path}${Key}.`>
}[keyof Words & string]
export type EnglishKey = Keys<typeof en, ''>

/** Line drawings in a 16 × 16 box, stroke 1.5. */
const paths = {
  overview: 'M2.5 2.5h4.5v6H2.5zM9 2.5h4.5v3.5H9zM9 8h4.5v5.5H9zM2.5 10.5h4.5v3H2.5z',
  topology: 'M8 5.5v3M8 8.5H3.5v2M8 8.5h4.5v2M6.25 2h3.5v3.5h-3.5zM2 10.5h3V14H2zM11 10.5h3V14h-3z',
  dashboard: 'M2.5 13.5h11M3.5 11V7.5M6.5 11V3.5M9.5 11V6M12.5 11V2.5',
  masters: 'M2.5 2.5h11v4h-11zM2.5 9.5h11v4h-11zM5 4.5h.01M5 11.5h.01M8 4.5h3M8 11.5h3',
  agents: 'M8 1.75 13.5 5v6L8 14.25 2.5 11V5ZM8 5.5 10.5 7v2.5L8 11 5.5 9.5V7Z',
  tasks: 'M6.5 4h7M6.5 8h7M6.5 12h7M2.25 4l.9.9L4.6 3.2M2.25 8l.9.9 1.45-1.7M2.25 12l.9.9 1.45-1.7',
  queue: 'M2.5 3.5h11v2.5h-11zM2.5 8h8M2.5 11h6M12.5 8v5M10.5 11.2l2 2 2-2',
  flow: 'M2 6h3.5v4H2zM10.5 2H14v3.5h-3.5zM10.5 10.5H14V14h-3.5zM5.5 8H8M8 3.75v8.5M8 3.75h2.5M8 12.25h2.5',
  logs: 'M2.5 3h11M2.5 6.3h8M2.5 9.7h11M2.5 13h6',
  history: 'M2.6 6.2A5.7 5.7 0 1 1 2.3 8.9M2.2 3.2v3.2h3.2M8 5v3.2l2.2 1.4',
  alerts: 'M8 2 14.3 13H1.7ZM8 6.3v3M8 11.2v.05',
  settings: 'M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.2 2.8v3.4M5.8 9.8v3.4',
  chat: 'M2.5 3h11v8H7.2L4 13.5V11H2.5Z',
  pause: 'M5.25 3.5v9M10.75 3.5v9',
  resume: 'M5 3.2v9.6L12.5 8Z',
  cancel: 'M4 4l8 8M12 4l-8 8',
  retry: 'M13.3 6.2A5.6 5.6 0 1 0 13.6 9M13.6 3v3.2h-3.2',
  stepBack: 'M4 3.5v9M12 3.5 6 8l6 4.5Z',
  stepOn: 'M12 3.5v9M4 3.5 10 8l-6 4.5Z',
  close: 'M4 4l8 8M12 4l-8 8',
  plus: 'M8 3v10M3 8h10',
  search: 'M7 2.75a4.25 4.25 0 1 1 0 8.5 4.25 4.25 0 0 1 0-8.5M10.2 10.2 13.5 13.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  send: 'M2.5 8 13.5 3 10 13.5 7.5 9Z',
  fit: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  narrow: 'M6 2.5V6H2.5M10 2.5V6h3.5M6 13.5V10H2.5M10 13.5V10h3.5',
  minus: 'M3 8h10',
  out: 'M9.5 2.5h4v4M13.5 2.5 8 8M11.5 9.5v4h-9v-9h4',
  wall: 'M1.75 3h12.5v8.5H1.75zM5.5 14h5',
  keys: 'M1.75 4.5h12.5v7H1.75zM4 7h.01M6.5 7h.01M9 7h.01M11.5 7h.01M5 9.3h6',
} as const
export type IconName = keyof typeof paths

/** A drawing beside a word or inside a labelled button: hidden from screen readers. */
export function Icon({ name, className = 'size-4' }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={paths[name]} />
    </svg>
  )
}

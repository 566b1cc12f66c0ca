import type { Work } from '../../live/protocol.js'
import { reveal } from '../../ui/ansi.js'
import { Link } from '../../ui/link.js'
import { refusalWord } from '../../ui/refusal.js'
import { useTranslation } from '../../ui/translation.js'

/** Why some were refused: how many for each reason, and examples. */
export function WorkRefusals({ work }: { work: Work }) {
  const { t } = useTranslation()
  const { refused, refusedByCode, refusals } = work
  if (refused === 0) return null
  const codes = Object.entries(refusedByCode).sort(([, a], [, b]) => b - a)
  return (
    <details className="text-xs">
      <summary className="cursor-pointer py-1 text-quiet">
        {codes.map(([code, count]) => `${count} × ${refusalWord(t, code)}`).join(', ')}
      </summary>
      <ul className="flex flex-col gap-0.5 pb-1">
        {refusals.map(({ index, taskId, error }) => (
          <li key={taskId ?? index} className="max-w-[36rem] break-words">
            {taskId === null ? (
              <span className="text-quiet">{t('work.item', { index: index ?? 0 })}</span>
            ) : (
              <Link
                screen="tasks"
                params={{ task: taskId }}
                className="font-mono underline underline-offset-2"
              >
                {taskId}
              </Link>
            )}{' '}
            {reveal(error.message)}
          </li>
        ))}
        {refused > refusals.length ? (
          <li className="text-quiet">{t('work.moreRefused', { count: refused - refusals.length })}</li>
        ) : null}
      </ul>
    </details>
  )
}

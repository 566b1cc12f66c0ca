import { type FormEvent, useState } from 'react'
import { live } from '../../live/live.js'
import { RestError } from '../../live/rest.js'
import { Button } from '../../ui/button.js'
import { Field, TextInput } from '../../ui/field.js'
import { useTranslation } from '../../ui/translation.js'

/** For who has no session: says how to get a link, or takes a token. */
export function LoginPage({ problem }: { problem: string | null }) {
  const { t } = useTranslation()
  const [refusal, setRefusal] = useState<string | null>(null)
  const [sending, setSending] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const token = String(new FormData(event.currentTarget).get('token') ?? '').trim()
    if (token === '') return
    setSending(true)
    try {
      await live.signInWith(token)
    } catch (cause) {
      const unreachable = !(cause instanceof RestError) || cause.isUnanswered
      setRefusal(unreachable ? t('error.unreachable') : t('login.refused'))
      setSending(false)
    }
  }
  const shown = refusal ?? problem
  return (
    <main className="flex min-h-full items-center justify-center p-6">
      <div className="w-full max-w-[26rem]">
        <h1 className="mb-6 flex items-center gap-3 text-xl font-semibold">
          <img src="/icon.svg" alt="" className="size-8" />
          AgentFlow
        </h1>
        <p>{t('login.how')}</p>
        <pre className="my-3 rounded-md border border-line bg-panel px-3 py-2 font-mono text-xs">
          agentflow up
        </pre>
        <p className="text-quiet">{t('login.link')}</p>
        <form
          className="mt-6 flex flex-col gap-3 border-t border-line pt-5"
          onSubmit={(event) => void submit(event)}
        >
          <Field label={t('login.token')} hint={t('login.tokenHint')}>
            <TextInput name="token" type="password" className="font-mono" autoComplete="off" />
          </Field>
          {shown === null ? null : (
            <p role="alert" className="border-l-2 border-failed pl-3 text-failed">
              {shown}
            </p>
          )}
          <Button look="primary" type="submit" disabled={sending} className="self-start">
            {sending ? t('login.sending') : t('login.enter')}
          </Button>
        </form>
      </div>
    </main>
  )
}

import { type ReactNode, useEffect, useState } from 'react'
import { useSelector } from 'react-redux'
import type { Stats } from '../../../../src/contract/session.js'
import { live } from '../../live/live.js'
import type { WallState } from '../../live/store.js'
import { Button } from '../../ui/button.js'
import { dateTime } from '../../ui/format.js'
import { KeyList } from '../../ui/key-list.js'
import { Link } from '../../ui/link.js'
import { Fact } from '../../ui/panel.js'
import {
  type Language,
  languageIn,
  setPreferences,
  type Theme,
  themeIn,
  usePreferences,
} from '../../ui/preferences.js'
import { useRefusal } from '../../ui/refusal.js'
import { Segments } from '../../ui/segments.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { AlertDeliveryPart } from './alert-delivery-part.js'
import { AlertRulesPart } from './alert-rules-part.js'
import { PlacementPart } from './placement-part.js'
import { RetentionPart } from './retention-part.js'
import { Part } from './settings-part.js'

/** Language, theme, the big screen, and what this wall is connected to. */
export function SettingsScreen() {
  const { t } = useTranslation()
  const place = usePlace()
  const preferences = usePreferences()
  const theme = themeIn(place.params, preferences.theme)
  const language = languageIn(place.params, preferences.language)
  // A choice made here is meant to hold: what the address says otherwise is dropped.
  const choose = (change: Parameters<typeof setPreferences>[0], name: string) => {
    setPreferences(change)
    if (place.params.has(name)) goTo(hrefWith(place, { [name]: null }), { replace: true })
  }
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex max-w-[44rem] flex-col gap-8 p-6">
        <Part title={t('settings.look')}>
          <Row name={t('settings.language')}>
            <Segments
              label={t('settings.language')}
              value={language}
              onValue={(value) => choose({ language: value as Language }, 'lang')}
              segments={[
                { value: 'en', label: 'English' },
                { value: 'zh', label: '中文' },
              ]}
            />
          </Row>
          <Row name={t('settings.theme')}>
            <Segments
              label={t('settings.theme')}
              value={theme}
              onValue={(value) => choose({ theme: value as Theme }, 'theme')}
              segments={[
                { value: 'system', label: t('settings.system') },
                { value: 'light', label: t('settings.light') },
                { value: 'dark', label: t('settings.dark') },
              ]}
            />
          </Row>
        </Part>
        <PlacementPart />
        <AlertRulesPart />
        <AlertDeliveryPart />
        <RetentionPart />
        <WallPart />
        <Part title={t('keys.title')}>
          <KeyList />
        </Part>
        <SessionPart />
        <LeaderPart />
      </div>
    </div>
  )
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-3">
      <span className="w-32 text-quiet">{name}</span>
      {children}
    </div>
  )
}

function WallPart() {
  const { t } = useTranslation()
  const { wallInches, wallMetres } = usePreferences()
  const link = 'self-start py-1 underline underline-offset-2'
  return (
    <Part title={t('settings.wall')}>
      <p className="text-quiet">{t('settings.wallNow', { inches: wallInches, metres: wallMetres })}</p>
      <Link screen="settings" params={{ setup: '1' }} className={link}>
        {t('setUp.title')}
      </Link>
      <Link screen="overview" params={{ wall: '1' }} className={link}>
        {t('settings.openWall')}
      </Link>
    </Part>
  )
}

function SessionPart() {
  const { t } = useTranslation()
  const connection = useSelector((state: WallState) => state.connection)
  const { expiresAt } = live
  return (
    <Part title={t('settings.session')}>
      <dl className="grid grid-cols-3 gap-3">
        <Fact name={t('settings.user')}>{connection.phase === 'live' ? connection.user : '–'}</Fact>
        <Fact name={t('settings.role')}>{connection.phase === 'live' ? connection.role : '–'}</Fact>
        <Fact name={t('settings.expires')}>
          {expiresAt === null ? t('settings.never') : dateTime(expiresAt)}
        </Fact>
      </dl>
      <Button className="self-start" onClick={() => live.logout()}>
        {t('settings.signOut')}
      </Button>
    </Part>
  )
}

function LeaderPart() {
  const { t } = useTranslation()
  const term = useSelector((state: WallState) =>
    state.connection.phase === 'live' ? state.connection.term : null,
  )
  const refusalOf = useRefusal()
  const [stats, setStats] = useState<Stats | Error | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another term may be another leader.
  useEffect(() => {
    const abort = new AbortController()
    live.rest.get<Stats>('/api/stats', abort.signal).then(setStats, (cause: unknown) => {
      if (!abort.signal.aborted) setStats(cause instanceof Error ? cause : new Error(String(cause)))
    })
    return () => abort.abort()
  }, [term])
  return (
    <Part title={t('settings.leader')}>
      {stats === null ? (
        <p className="text-quiet">{t('loading')}</p>
      ) : stats instanceof Error ? (
        <p className="text-failed">{refusalOf(stats)}</p>
      ) : (
        <dl className="grid grid-cols-3 gap-3">
          <Fact name={t('settings.leaderId')}>{stats.leaderId}</Fact>
          <Fact name={t('settings.term')}>{stats.term}</Fact>
          <Fact name={t('settings.version')}>{stats.version}</Fact>
          <Fact name={t('settings.durability')}>{t(`durability.${stats.durability}`)}</Fact>
          <Fact name={t('settings.grpc')}>{stats.grpc}</Fact>
          <Fact name={t('settings.cluster')}>
            <span className="font-mono text-xs break-all">{stats.clusterId}</span>
          </Fact>
        </dl>
      )}
    </Part>
  )
}

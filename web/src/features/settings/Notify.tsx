import { useMutation } from '@tanstack/react-query'
import { Bell, CircleAlert, CircleCheck, Plus, Send, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { chime } from '../../audio/player'
import { settingsApi, type ChannelInfo } from '../../api/settings'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { INPUT, Section, SureButton, Switch } from './parts'
import { useSaving } from './useSettings'

/** Who is told: this browser, and channels of the server. */
export function Notify() {
  const { t } = useTranslation()
  const { info, mayChange } = useSaving()
  return (
    <Section id="notify" title={t('settings.notify')} Icon={Bell} hint={t('settings.notify_hint')}>
      <InBrowser />
      <h3 className="border-t border-line pt-3 font-semibold">{t('settings.channels')}</h3>
      {info.channels.length === 0 && <p className="text-sm text-mute">{t('settings.no_channels')}</p>}
      <ul className="flex flex-col gap-3">
        {info.channels.map((channel) => (
          <Channel key={channel.id} channel={channel} />
        ))}
      </ul>
      {(info.outbox.waiting > 0 || info.outbox.dead > 0) && (
        <p className="text-sm text-mute">
          {t('settings.outbox', { waiting: info.outbox.waiting, dead: info.outbox.dead })}
        </p>
      )}
      {mayChange && <NewChannel />}
      {mayChange && <Secret />}
    </Section>
  )
}

type Permission = NotificationPermission | 'missing'

function permissionNow(): Permission {
  return 'Notification' in window ? Notification.permission : 'missing'
}

function InBrowser() {
  const { t } = useTranslation()
  const [permission, setPermission] = useState(permissionNow)
  const [outcome, setOutcome] = useState<'shown' | 'not_shown' | null>(null)
  const show = () => {
    try {
      // On a phone only an installed page may do this; there it throws.
      const shown = new Notification(t('app.name'), { body: t('settings.browser_test') })
      shown.onshow = () => {
        setOutcome('shown')
      }
      shown.onerror = () => {
        setOutcome('not_shown')
      }
    } catch {
      setOutcome('not_shown')
    }
  }
  return (
    <div className="flex flex-col items-start gap-2 text-sm">
      <h3 className="font-semibold">{t('settings.in_browser')}</h3>
      <p data-testid="permission">{t(`settings.permission_${permission}`)}</p>
      <div className="flex flex-wrap gap-2">
        {permission === 'default' && (
          <Button
            onClick={() => {
              void Notification.requestPermission().then(setPermission)
            }}
          >
            {t('settings.allow')}
          </Button>
        )}
        {permission === 'granted' && (
          <Button icon={<Send size={16} aria-hidden />} onClick={show}>
            {t('settings.browser_try')}
          </Button>
        )}
        <Button onClick={chime}>{t('live.test_sound')}</Button>
      </div>
      <p role="status">{outcome && t(`settings.${outcome}`)}</p>
    </div>
  )
}

function Channel({ channel }: { channel: ChannelInfo }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { mayChange, isBusy, run } = useSaving()
  const test = useMutation({ mutationFn: settingsApi.testChannel })
  return (
    <li className="flex flex-col gap-1 text-sm" data-testid="channel">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="min-w-0 break-all">
          {channel.shown}
          {channel.always && <span className="text-mute"> {t('settings.always_mark')}</span>}
        </span>
        {mayChange && (
          <span className="flex flex-wrap gap-2">
            <Button
              disabled={test.isPending}
              icon={<Send size={16} aria-hidden />}
              aria-label={t('settings.test_of', { what: channel.shown })}
              onClick={() => {
                test.mutate(channel.id)
              }}
            >
              {t('settings.test')}
            </Button>
            {channel.fixed_by === null ? (
              <SureButton
                text={t('settings.remove')}
                question={t('settings.remove_channel')}
                icon={<Trash2 size={16} aria-hidden />}
                isDisabled={isBusy}
                onSure={() => {
                  run((info) => settingsApi.removeChannel(info.revision, channel.id))
                }}
              />
            ) : (
              <span className="self-center text-mute">{t(`settings.fixed_${channel.fixed_by}`)}</span>
            )}
          </span>
        )}
      </div>
      {channel.error !== '' && (
        <p className="text-bad" lang="en">
          {channel.error}
        </p>
      )}
      <div role="status">
        {test.isPending && t('settings.testing')}
        {test.data && (
          <p className={`flex items-start gap-1 ${test.data.delivered ? 'text-ok' : 'text-bad'}`}>
            {test.data.delivered ? (
              <CircleCheck size={16} className="mt-1 shrink-0" aria-hidden />
            ) : (
              <CircleAlert size={16} className="mt-1 shrink-0" aria-hidden />
            )}
            <span>
              {test.data.delivered
                ? t('settings.delivered', { seconds: format.number(test.data.took_s, 1) })
                : t('settings.not_delivered')}{' '}
              <span lang="en">{test.data.reason}</span>
            </span>
          </p>
        )}
      </div>
      {test.error && <Problem error={test.error} />}
    </li>
  )
}

function NewChannel() {
  const { t } = useTranslation()
  const { isBusy, run } = useSaving()
  const [address, setAddress] = useState('')
  const [always, setAlways] = useState(false)
  return (
    <form
      className="flex flex-col items-start gap-2 border-t border-line pt-3"
      onSubmit={(event) => {
        event.preventDefault()
        run(
          (info) => settingsApi.addChannel(info.revision, address.trim(), always),
          () => {
            setAddress('')
          },
        )
      }}
    >
      <label className="flex w-full max-w-xl flex-col text-sm text-mute">
        {t('settings.new_channel')}
        <input
          className={INPUT}
          value={address}
          spellCheck={false}
          autoComplete="off"
          maxLength={2000}
          onChange={({ target }) => {
            setAddress(target.value)
          }}
        />
      </label>
      <p className="text-sm text-mute">{t('settings.new_channel_hint')}</p>
      <Switch label={t('settings.always')} isOn={always} onChange={setAlways} />
      <Button type="submit" disabled={isBusy || address.trim() === ''} icon={<Plus size={16} aria-hidden />}>
        {t('settings.add_channel')}
      </Button>
    </form>
  )
}

/** What signs webhooks: it can be set and taken away, and is never shown. */
function Secret() {
  const { t } = useTranslation()
  const { info, isBusy, save } = useSaving()
  const [secret, setSecret] = useState('')
  const fixed = info.fixed['notify_secret']
  return (
    <form
      className="flex flex-wrap items-end gap-2 border-t border-line pt-3"
      onSubmit={(event) => {
        event.preventDefault()
        save({ webhook_secret: secret })
        setSecret('')
      }}
    >
      <label className="flex min-w-0 flex-col text-sm text-mute">
        {t('settings.secret')}
        <input
          type="password"
          className={`${INPUT} w-64`}
          value={secret}
          maxLength={200}
          autoComplete="new-password"
          disabled={fixed !== undefined}
          placeholder={t(info.has_webhook_secret ? 'settings.secret_is_set' : 'settings.secret_is_not_set')}
          onChange={({ target }) => {
            setSecret(target.value)
          }}
        />
      </label>
      <Button type="submit" disabled={isBusy || secret === ''}>
        {t('settings.set')}
      </Button>
      {info.has_webhook_secret && fixed === undefined && (
        <SureButton
          text={t('settings.remove')}
          question={t('settings.remove_secret')}
          isDisabled={isBusy}
          onSure={() => {
            save({ webhook_secret: '' })
          }}
        />
      )}
      {fixed && <p className="w-full text-sm text-mute">{t(`settings.fixed_${fixed}`)}</p>}
    </form>
  )
}

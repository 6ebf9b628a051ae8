import { Bell, BellOff, Ear, EarOff, Pause, Play, Square } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { chooseNotifications, useNotifications } from '../../app/notifications'
import { chime } from '../../audio/player'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Menu, MenuCheck, MenuItem, MenuLine, MenuNote } from '../../ui/Menu'
import { useNow } from '../../ui/useNow'
import { session } from './session'
import { prefer, useLive } from './state'

const MINUTE_MS = 60_000

export function Controls() {
  const { t } = useTranslation()
  const phase = useLive((live) => live.phase)
  const kind = useLive((live) => live.target?.kind)
  const isHearing = useLive((live) => live.isHearing)
  const hasSound = useLive((live) => live.hasSound)
  const isOn = phase === 'on'
  return (
    <div className="flex flex-wrap gap-2">
      {kind === 'source' && isOn && hasSound && (
        <Button
          aria-pressed={isHearing}
          icon={isHearing ? <EarOff size={16} aria-hidden /> : <Ear size={16} aria-hidden />}
          onClick={() => {
            session.hear(!isHearing)
          }}
        >
          {isHearing ? t('live.hear_stop') : t('live.hear')}
        </Button>
      )}
      <MuteMenu />
      <Button
        icon={isOn ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
        look={isOn ? 'plain' : 'primary'}
        onClick={() => {
          if (isOn) session.pause()
          else void session.goOn()
        }}
      >
        {isOn ? t('live.pause') : t('live.resume')}
      </Button>
      <Button
        icon={<Square size={16} aria-hidden />}
        onClick={() => {
          session.end()
        }}
      >
        {t('live.stop')}
      </Button>
    </div>
  )
}

function MuteMenu() {
  const { t } = useTranslation()
  const format = useFormat()
  const now = useNow()
  const mutedUntilMs = useLive((live) => live.mutedUntilMs)
  const alertSound = useLive((live) => live.alertSound)
  const kind = useLive((live) => live.target?.kind ?? 'source')
  const notifications = useNotifications()
  const leftS = mutedUntilMs === null ? 0 : (mutedUntilMs - now) / 1000
  const isMuted = leftS > 0
  const mute = (until: number | null) => {
    prefer({ mutedUntilMs: until })
  }
  return (
    <Menu
      trigger={
        <Button
          className={isMuted ? 'border-watch! text-watch!' : ''}
          icon={isMuted ? <BellOff size={16} aria-hidden /> : <Bell size={16} aria-hidden />}
        >
          {isMuted ? t('live.muted', { left: format.duration(leftS) }) : t('live.mute')}
        </Button>
      }
    >
      {isMuted && (
        <MenuItem
          onSelect={() => {
            mute(null)
          }}
        >
          {t('live.unmute')}
        </MenuItem>
      )}
      <MenuItem
        onSelect={() => {
          mute(Date.now() + 15 * MINUTE_MS)
        }}
      >
        {t('live.mute_minutes', { n: format.number(15) })}
      </MenuItem>
      <MenuItem
        onSelect={() => {
          mute(Date.now() + 60 * MINUTE_MS)
        }}
      >
        {t('live.mute_hour')}
      </MenuItem>
      <MenuItem
        onSelect={() => {
          mute(tomorrowAt8(new Date()))
        }}
      >
        {t('live.mute_tomorrow')}
      </MenuItem>
      <MenuNote>{t('live.mute_hint')}</MenuNote>
      <MenuLine />
      <MenuCheck
        isOn={alertSound[kind]}
        onChange={(isOn) => {
          prefer({ alertSound: { ...alertSound, [kind]: isOn } })
        }}
      >
        {t('live.alert_sound')}
      </MenuCheck>
      <MenuItem onSelect={chime}>{t('live.test_sound')}</MenuItem>
      <MenuCheck isOn={notifications.isOn} onChange={(isOn) => void chooseNotifications(isOn)}>
        {t('offline.notify')}
      </MenuCheck>
      {notifications.isRefused && <MenuNote>{t('offline.notify_refused')}</MenuNote>}
    </Menu>
  )
}

function tomorrowAt8(now: Date): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 8).getTime()
}

import { BellOff, Plus, Trash2, Wrench } from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SettingsChange, WeeklyHours } from '../../api/settings'
import { Button } from '../../ui/Button'
import { INPUT, Section } from './parts'
import { dayName, hoursText, ownZone, stretchText } from './hours'
import { useSaving } from './useSettings'

const DAYS = [0, 1, 2, 3, 4, 5, 6]

/** With the first hours goes the clock that they are meant by. */
function withZone(change: SettingsChange, isFirst: boolean): SettingsChange {
  return isFirst ? { ...change, time_zone: ownZone() } : change
}

export function QuietHours() {
  const { t, i18n } = useTranslation()
  const { info, mayChange, save } = useSaving()
  const isFirst = info.quiet_hours.length + info.maintenance_weekly.length === 0
  return (
    <Section id="quiet" title={t('settings.quiet')} Icon={BellOff} hint={t('settings.quiet_hint')}>
      {info.is_quiet && <p className="text-sm text-watch">{t('settings.quiet_now')}</p>}
      <Rows
        rows={info.quiet_hours.map((one) => hoursText(one, i18n.language))}
        onRemove={(at) => {
          save({ quiet_hours: info.quiet_hours.filter((_, place) => place !== at) })
        }}
      />
      <Zone />
      {mayChange && (
        <WeeklyForm
          start="22:00"
          end="06:00"
          onAdd={(added) => {
            save(withZone({ quiet_hours: [...info.quiet_hours, added] }, isFirst))
          }}
        />
      )}
    </Section>
  )
}

export function Maintenance() {
  const { t, i18n } = useTranslation()
  const { info, mayChange, save } = useSaving()
  const isFirst = info.quiet_hours.length + info.maintenance_weekly.length === 0
  const named = (name: string | undefined, text: string) => (name ? `${name}: ${text}` : text)
  const weekly = info.maintenance_weekly
  const once = info.maintenance_once
  return (
    <Section
      id="maintenance"
      title={t('settings.maintenance')}
      Icon={Wrench}
      hint={t('settings.maintenance_hint')}
    >
      {info.is_maintenance && <p className="text-sm text-watch">{t('settings.maintenance_now')}</p>}
      <Rows
        rows={[
          ...weekly.map((one) => named(one.name, hoursText(one, i18n.language))),
          ...once.map((one) => named(one.name, stretchText(one, i18n.language))),
        ]}
        onRemove={(at) => {
          if (at < weekly.length) save({ maintenance_weekly: weekly.filter((_, place) => place !== at) })
          else save({ maintenance_once: once.filter((_, place) => place !== at - weekly.length) })
        }}
      />
      {mayChange && (
        <>
          <WeeklyForm
            start="08:00"
            end="09:00"
            isNamed
            onAdd={(added) => {
              save(withZone({ maintenance_weekly: [...weekly, added] }, isFirst))
            }}
          />
          <OnceForm />
        </>
      )}
    </Section>
  )
}

function Rows({ rows, onRemove }: { rows: string[]; onRemove: (at: number) => void }) {
  const { t } = useTranslation()
  const { mayChange, isBusy } = useSaving()
  if (rows.length === 0) return <p className="text-sm text-mute">{t('settings.no_hours')}</p>
  return (
    <ul className="flex flex-col gap-1">
      {rows.map((row, at) => (
        <li key={`${String(at)} ${row}`} className="flex items-center justify-between gap-2 text-sm">
          <span>{row}</span>
          {mayChange && (
            <Button
              look="quiet"
              disabled={isBusy}
              aria-label={t('settings.remove_of', { what: row })}
              icon={<Trash2 size={16} aria-hidden />}
              onClick={() => {
                onRemove(at)
              }}
            />
          )}
        </li>
      ))}
    </ul>
  )
}

function Zone() {
  const { t } = useTranslation()
  const { info, mayChange, save } = useSaving()
  const own = ownZone()
  return (
    <p className="flex flex-wrap items-center gap-2 text-sm text-mute">
      {t('settings.zone', { zone: info.time_zone })}
      {mayChange && own !== info.time_zone && (
        <button
          type="button"
          className="min-h-6 text-accent underline"
          onClick={() => {
            save({ time_zone: own })
          }}
        >
          {t('settings.zone_own', { zone: own })}
        </button>
      )}
    </p>
  )
}

interface WeeklyProps {
  start: string
  end: string
  isNamed?: boolean
  onAdd: (added: WeeklyHours) => void
}

function WeeklyForm({ start: usualStart, end: usualEnd, isNamed = false, onAdd }: WeeklyProps) {
  const { t, i18n } = useTranslation()
  const [days, setDays] = useState(DAYS)
  const [start, setStart] = useState(usualStart)
  const [end, setEnd] = useState(usualEnd)
  const [name, setName] = useState('')
  const isWhole = days.length > 0 && start !== '' && end !== ''
  return (
    <form
      className="flex flex-col gap-2 border-t border-line pt-3"
      onSubmit={(event) => {
        event.preventDefault()
        onAdd({ days, start, end, name })
        setName('')
      }}
    >
      <fieldset>
        <legend className="mb-1 text-sm text-mute">{t('settings.days')}</legend>
        <div className="flex flex-wrap gap-1">
          {DAYS.map((day) => (
            <label
              key={day}
              className="inline-flex min-h-10 items-center gap-1.5 rounded-[10px] border border-line px-2 text-sm"
            >
              <input
                type="checkbox"
                className="accent-(--accent)"
                checked={days.includes(day)}
                onChange={({ target }) => {
                  setDays(
                    target.checked ? [...days, day].sort((a, b) => a - b) : days.filter((one) => one !== day),
                  )
                }}
              />
              <span aria-hidden>{dayName(day, i18n.language)}</span>
              <span className="sr-only">{dayName(day, i18n.language, 'long')}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <div className="flex flex-wrap items-end gap-2">
        <Time label={t('settings.from')} value={start} onChange={setStart} />
        <Time label={t('settings.to')} value={end} onChange={setEnd} />
        {isNamed && <Name value={name} onChange={setName} />}
        <Button type="submit" disabled={!isWhole} icon={<Plus size={16} aria-hidden />}>
          {t(isNamed ? 'settings.add_weekly' : 'settings.add_hours')}
        </Button>
      </div>
    </form>
  )
}

function OnceForm() {
  const { t } = useTranslation()
  const { info, save } = useSaving()
  const [start, setStart] = useState('')
  const [end, setEnd] = useState('')
  const [name, setName] = useState('')
  const id = useId()
  const isWrong = start !== '' && end !== '' && new Date(end) <= new Date(start)
  return (
    <form
      className="flex flex-wrap items-end gap-2 border-t border-line pt-3"
      onSubmit={(event) => {
        event.preventDefault()
        const added = { start: new Date(start).toISOString(), end: new Date(end).toISOString(), name }
        save({ maintenance_once: [...info.maintenance_once, added] })
        setStart('')
        setEnd('')
        setName('')
      }}
    >
      <Time label={t('settings.begins')} value={start} isDate onChange={setStart} />
      <Time
        label={t('settings.ends')}
        value={end}
        isDate
        describedBy={isWrong ? id : undefined}
        onChange={setEnd}
      />
      <Name value={name} onChange={setName} />
      <Button
        type="submit"
        disabled={start === '' || end === '' || isWrong}
        icon={<Plus size={16} aria-hidden />}
      >
        {t('settings.add_once')}
      </Button>
      {isWrong && (
        <p id={id} role="alert" className="w-full text-sm text-bad">
          {t('settings.ends_first')}
        </p>
      )}
    </form>
  )
}

interface TimeProps {
  label: string
  value: string
  isDate?: boolean
  describedBy?: string | undefined
  onChange: (value: string) => void
}

function Time({ label, value, isDate = false, describedBy, onChange }: TimeProps) {
  return (
    <label className="flex flex-col text-sm text-mute">
      {label}
      <input
        type={isDate ? 'datetime-local' : 'time'}
        className={INPUT}
        value={value}
        aria-describedby={describedBy}
        onChange={({ target }) => {
          onChange(target.value)
        }}
      />
    </label>
  )
}

function Name({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation()
  return (
    <label className="flex min-w-0 flex-col text-sm text-mute">
      {t('settings.name_it')}
      <input
        className={`${INPUT} w-44`}
        value={value}
        maxLength={80}
        onChange={({ target }) => {
          onChange(target.value)
        }}
      />
    </label>
  )
}

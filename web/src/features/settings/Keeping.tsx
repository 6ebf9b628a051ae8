import { HardDrive } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../ui/format'
import { Fixed, NumberField, Section, Switch } from './parts'
import { useSaving } from './useSettings'

const MIB = 2 ** 20
const KINDS = ['events', 'clips', 'bundles', 'older', 'free'] as const

/** What is kept, for how long, and how much room it takes. */
export function Keeping() {
  const { t } = useTranslation()
  const format = useFormat()
  const { info, mayChange, save } = useSaving()
  const size = (bytes: number) =>
    bytes >= 1024 * MIB
      ? t('settings.gib', { n: format.number(bytes / (1024 * MIB), 1) })
      : t('settings.mib', { n: format.number(bytes / MIB, bytes < 10 * MIB ? 1 : 0) })
  const may = (name: string) => mayChange && info.fixed[name] === undefined
  return (
    <Section id="keeping" title={t('settings.keeping')} Icon={HardDrive} hint={t('settings.keeping_hint')}>
      <Switch
        label={t('settings.clips')}
        hint={t('settings.clips_hint')}
        isOn={info.store_clips}
        isDisabled={!may('store_clips')}
        onChange={(isOn) => {
          save({ store_clips: isOn })
        }}
      />
      <Fixed name="store_clips" />
      <Switch
        label={t('settings.speech')}
        hint={t('settings.speech_hint')}
        isOn={info.keep_speech}
        isDisabled={!may('keep_speech')}
        onChange={(isOn) => {
          save({ keep_speech: isOn })
        }}
      />
      <Fixed name="keep_speech" />
      <NumberField
        label={t('settings.clips_days')}
        unit={t('settings.unit_days')}
        value={info.clips_days}
        least={0.01}
        most={365}
        isDisabled={!may('clips_days')}
        onChange={(days) => {
          save({ clips_days: days })
        }}
      />
      <Fixed name="clips_days" />
      <NumberField
        label={t('settings.events_days')}
        unit={t('settings.unit_days')}
        value={info.events_days}
        least={1}
        most={3650}
        empty={t('settings.for_ever')}
        isDisabled={!may('events_days')}
        onChange={(days) => {
          save({ events_days: days })
        }}
      />
      <Fixed name="events_days" />
      <table className="max-w-md text-sm" data-testid="disk">
        <caption className="pb-1 text-left font-semibold">{t('settings.disk')}</caption>
        <tbody>
          {KINDS.map((kind) => (
            <tr key={kind} className="border-t border-line">
              <th scope="row" className="py-1 text-left font-normal text-mute">
                {t(`settings.disk_${kind}`)}
              </th>
              <td className="py-1 text-right tabular-nums">{size(info.disk[kind])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

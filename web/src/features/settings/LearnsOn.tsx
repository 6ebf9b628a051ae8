import { useTranslation } from 'react-i18next'
import type { SourceSensitivity } from '../../api/settings'
import { Switch } from './parts'
import { useSaving } from './useSettings'

/** Whether models learn on from what is calm while they listen; for all sources, and for each. */
export function LearnsOn({ sources }: { sources: SourceSensitivity[] }) {
  const { t } = useTranslation()
  const { info, mayChange, save } = useSaving()
  return (
    <div className="flex flex-col gap-1 border-t border-line pt-3">
      <Switch
        label={t('settings.learns_on')}
        hint={t('settings.learns_on_hint')}
        isOn={info.learns_on}
        isDisabled={!mayChange}
        onChange={(isOn) => {
          save({ learns_on: isOn })
        }}
      />
      {info.learns_on &&
        sources.map(({ source, name }) => {
          const known = info.sources[source]
          return (
            <div key={source} className="pl-8">
              <Switch
                label={t('settings.learns_on_from', { name })}
                isOn={known?.learns_on ?? true}
                isDisabled={!mayChange}
                onChange={(isOn) => {
                  const own = {
                    budget_per_day: known?.budget_per_day ?? null,
                    patience: known?.patience ?? null,
                    learns_on: isOn ? null : false,
                  }
                  save({ sources: { ...info.sources, [source]: own } })
                }}
              />
            </div>
          )
        })}
    </div>
  )
}

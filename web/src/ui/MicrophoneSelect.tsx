import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { microphones } from '../audio/capture'
import { Select } from './Select'

const DEFAULT = 'default'

interface Props {
  /** `null`: the browser's default. */
  value: string | null
  onChange: (deviceId: string | null) => void
  /** With fewer there is nothing to choose. */
  least: number
}

/** Which microphone; names and numbers of microphones are known only once one was allowed. */
export function MicrophoneSelect({ value, onChange, least }: Props) {
  const { t } = useTranslation()
  const devices = useQuery({ queryKey: ['devices'], queryFn: microphones, staleTime: 0 })
  const found = devices.data?.filter(({ deviceId, label }) => deviceId !== DEFAULT && label !== '') ?? []
  if (found.length < least) return null
  return (
    <Select
      isLabelShown
      label={t('start.device')}
      value={value ?? DEFAULT}
      onChange={(chosen) => {
        onChange(chosen === DEFAULT ? null : chosen)
      }}
      options={[
        [DEFAULT, t('start.device_default')],
        ...found.map(({ deviceId, label }) => [deviceId, label] as const),
      ]}
    />
  )
}

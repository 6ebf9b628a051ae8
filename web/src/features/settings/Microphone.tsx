import { useMutation, useQueryClient } from '@tanstack/react-query'
import { CircleAlert, CircleCheck, Mic } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CaptureError, canCapture, openMicrophone } from '../../audio/capture'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { MicrophoneSelect } from '../../ui/MicrophoneSelect'
import { Section } from './parts'

/** Open it, read back what the browser does to its sound, and close it again. */
async function check(deviceId: string | null) {
  const capture = await openMicrophone(deviceId, () => undefined)
  capture.close()
  return { name: capture.deviceName, rateHz: capture.rateHz, processing: capture.processing }
}

export function Microphone() {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [deviceId, setDeviceId] = useState<string | null>(null)
  const checking = useMutation({
    mutationFn: check,
    onSettled: () => queries.invalidateQueries({ queryKey: ['devices'] }),
  })
  const refusal = checking.error instanceof CaptureError ? checking.error.refusal : 'unknown'
  return (
    <Section id="microphone" title={t('settings.microphone')} Icon={Mic} hint={t('settings.microphone_hint')}>
      <div className="flex flex-wrap items-center gap-3">
        <MicrophoneSelect value={deviceId} onChange={setDeviceId} least={1} />
        <Button
          disabled={checking.isPending || !canCapture()}
          onClick={() => {
            checking.mutate(deviceId)
          }}
        >
          {t('settings.microphone_check')}
        </Button>
      </div>
      {!canCapture() && <p className="text-sm text-watch">{t('settings.microphone_insecure')}</p>}
      {checking.error && (
        <p role="alert" className="text-sm text-bad">
          {t(`trouble.${refusal}`)} {t(`trouble.${refusal}_hint`, { name: t('start.device') })}
        </p>
      )}
      {checking.data && <Found {...checking.data} />}
    </Section>
  )
}

function Found({ name, rateHz, processing }: Awaited<ReturnType<typeof check>>) {
  const { t } = useTranslation()
  const format = useFormat()
  return (
    <div role="status" data-testid="microphone-found" className="text-sm">
      <p className="font-semibold">{t('settings.microphone_found', { name, rate: format.hz(rateHz) })}</p>
      <ul>
        {(['echo', 'noise', 'agc'] as const).map((what) => (
          <li key={what} className={`flex items-center gap-2 ${processing[what] ? 'text-watch' : 'text-ok'}`}>
            {processing[what] ? <CircleAlert size={16} aria-hidden /> : <CircleCheck size={16} aria-hidden />}
            {t(processing[what] ? 'settings.is_on' : 'settings.is_off', { what: t(`why.${what}`) })}
          </li>
        ))}
      </ul>
      {Object.values(processing).some(Boolean) && <p className="mt-1">{t('settings.processing_hint')}</p>}
    </div>
  )
}

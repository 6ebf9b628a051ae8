import { useTranslation } from 'react-i18next'
import { useNow } from '../../ui/useNow'
import { useLive } from './state'
import { tell, type Tone } from './telling'
import { Verdict } from './Verdict'

const GROUNDS: Record<Tone, string> = {
  ok: 'bg-ok/20',
  watch: 'bg-watch/25',
  bad: 'bg-bad/35',
  mute: 'bg-raised',
}

/** For a screen on the wall: the address says so, as `auscult serve --kiosk` opens it. */
export function isKiosk(): boolean {
  return new URLSearchParams(location.search).has('kiosk')
}

/** The word alone, as large as the screen, on green, yellow or red. */
export function Kiosk() {
  const { t } = useTranslation()
  const { tone } = tell(useLive(), useNow(500))
  return (
    <div className="fixed inset-0 z-40 overflow-auto bg-surface" data-testid="kiosk" data-tone={tone}>
      <div className={`grid min-h-full place-items-center p-6 ${GROUNDS[tone]}`}>
        <div className="[zoom:1.3] md:[zoom:2.4]">
          <Verdict />
        </div>
        <a href="/" className="absolute right-3 bottom-3 p-2 text-sm text-mute underline">
          {t('live.whole_page')}
        </a>
      </div>
    </div>
  )
}

import { Activity, ChartSpline, Table2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'

export interface Views {
  wave: boolean
  spectrum: boolean
  table: boolean
}

const ICONS = { wave: Activity, spectrum: ChartSpline, table: Table2 }
const KEYS = { wave: 'live.waveform', spectrum: 'live.spectrum', table: 'live.table' } as const

export function ViewToggles({ views, onChange }: { views: Views; onChange: (views: Views) => void }) {
  const { t } = useTranslation()
  return (
    <div className="flex flex-wrap justify-end gap-2">
      {(['wave', 'spectrum', 'table'] as const).map((name) => {
        const Icon = ICONS[name]
        return (
          <Button
            key={name}
            aria-pressed={views[name]}
            className={`gap-1.5! px-2.5! ${name === 'spectrum' ? 'max-md:hidden' : ''}`}
            icon={<Icon size={16} aria-hidden />}
            onClick={() => {
              onChange({ ...views, [name]: !views[name] })
            }}
          >
            {t(KEYS[name])}
          </Button>
        )
      })}
    </div>
  )
}

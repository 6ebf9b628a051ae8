import { useTranslation } from 'react-i18next'
import type { HistogramInfo } from '../../api/types'
import { useFormat } from '../../ui/format'

const HEIGHT = 40

/** How far held-out normal sound came towards the limit; what is beyond it is hatched, too. */
export function Histogram({ histogram }: { histogram: HistogramInfo }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { counts, highest, below, n } = histogram
  const most = Math.max(...counts, 1)
  const width = 100 / counts.length
  const limit = 100 / highest
  const part = format.number((100 * below) / n, below === n ? 0 : 1)
  return (
    <figure className="w-full max-w-md">
      <svg
        role="img"
        aria-label={t('learn.histogram', { part, n: format.number(n) })}
        viewBox={`0 0 100 ${HEIGHT}`}
        preserveAspectRatio="none"
        className="block h-24 w-full rounded-md bg-raised"
        data-testid="histogram"
      >
        <defs>
          <pattern id="over" width={2} height={2} patternUnits="userSpaceOnUse">
            <rect width={2} height={2} fill="var(--bad)" />
            <path d="M0 2 2 0" stroke="var(--raised)" strokeWidth={0.6} />
          </pattern>
        </defs>
        {counts.map((count, i) => (
          <rect
            key={i}
            x={i * width + 0.1}
            width={width - 0.2}
            y={HEIGHT - (HEIGHT - 4) * (count / most)}
            height={(HEIGHT - 4) * (count / most)}
            fill={i * width >= limit ? 'url(#over)' : 'var(--ok)'}
          />
        ))}
        <line
          x1={limit}
          x2={limit}
          y1={0}
          y2={HEIGHT}
          stroke="var(--ink)"
          strokeWidth={2}
          strokeDasharray="4 3"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <figcaption className="grid grid-cols-3 text-[11px] text-mute">
        <span>{t('learn.axis_low')}</span>
        <span className="text-center">{t('learn.axis_limit')}</span>
        <span className="text-right">{t('learn.axis_high')}</span>
      </figcaption>
    </figure>
  )
}

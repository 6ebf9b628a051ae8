import { useTranslation } from 'react-i18next'
import type { Figures } from '../../api/client'
import { useFormat } from '../../ui/format'
import { histogram, type Compared } from './comparing'

/** Of two lines, one is whole and one dashed: colour alone tells nothing. */
const LINES = [
  { stroke: 'var(--accent)', dash: undefined },
  { stroke: 'var(--watch)', dash: '6 4' },
] as const

/** The line of a bundle in the pictures, beside its name. */
export function Key({ index }: { index: number }) {
  const line = LINES[index] ?? LINES[0]
  return (
    <svg viewBox="0 0 24 8" className="inline-block h-2 w-6" aria-hidden>
      <line x1={0} x2={24} y1={4} y2={4} stroke={line.stroke} strokeWidth={3} strokeDasharray={line.dash} />
    </svg>
  )
}

export function Roc({ figures, names }: { figures: Figures[]; names: string[] }) {
  const { t } = useTranslation()
  const format = useFormat()
  const told = figures.map(({ auc }, i) =>
    t('bundles.roc_of', { name: names[i] ?? '', auc: format.number(auc, 3) }),
  )
  return (
    <div>
      <svg
        role="img"
        aria-label={told.join(t('explain.joiner'))}
        viewBox="0 0 100 100"
        className="block aspect-square w-full max-w-60 rounded-md bg-raised"
        data-testid="roc"
      >
        <line x1={0} y1={100} x2={100} y2={0} stroke="var(--edge)" strokeWidth={0.5} />
        {figures.map(({ roc }, i) => (
          <polyline
            key={names[i]}
            points={roc.map(([fpr = 0, tpr = 0]) => `${100 * fpr},${100 - 100 * tpr}`).join(' ')}
            fill="none"
            stroke={LINES[i]?.stroke}
            strokeDasharray={LINES[i]?.dash}
            strokeWidth={2}
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      <p className="text-[11px] text-mute">{t('bundles.roc_axes')}</p>
    </div>
  )
}

const HEIGHT = 40

/** Normal recordings upwards, anomalous ones downwards: who is on which side needs no colour. */
export function Histogram(props: { compared: Compared[]; index: number; hasLimit: boolean }) {
  const { compared, index, hasLimit } = props
  const { t } = useTranslation()
  const format = useFormat()
  const { low, high, counts } = histogram(compared, index, hasLimit ? 'ratio' : 'score')
  const most = Math.max(1, ...counts.normal, ...counts.anomaly)
  const width = counts.normal.length
  const limit = ((1 - low) / (high - low)) * width
  return (
    <div>
      <svg
        role="img"
        aria-label={t('bundles.histogram_label')}
        viewBox={`0 0 ${width} ${2 * HEIGHT}`}
        preserveAspectRatio="none"
        className="block h-40 w-full rounded-md bg-raised"
        data-testid="histogram"
      >
        {counts.normal.map((n, i) => (
          <rect
            key={`n${i}`}
            x={i + 0.05}
            width={0.9}
            y={HEIGHT * (1 - n / most)}
            height={(HEIGHT * n) / most}
            fill="var(--ok)"
          />
        ))}
        {counts.anomaly.map((n, i) => (
          <rect
            key={`a${i}`}
            x={i + 0.05}
            width={0.9}
            y={HEIGHT}
            height={(HEIGHT * n) / most}
            fill="var(--bad)"
          />
        ))}
        <line
          x1={0}
          x2={width}
          y1={HEIGHT}
          y2={HEIGHT}
          stroke="var(--edge)"
          vectorEffect="non-scaling-stroke"
        />
        {hasLimit && (
          <line
            x1={limit}
            x2={limit}
            y1={0}
            y2={2 * HEIGHT}
            stroke="var(--ink)"
            strokeDasharray="6 4"
            vectorEffect="non-scaling-stroke"
          />
        )}
      </svg>
      <p className="flex justify-between text-[11px] text-mute tabular-nums">
        <span>{format.about(low)}</span>
        <span>{hasLimit ? t('bundles.histogram_limit') : t('bundles.histogram_hint')}</span>
        <span>{hasLimit ? `≥${format.about(high)}` : format.about(high)}</span>
      </p>
    </div>
  )
}

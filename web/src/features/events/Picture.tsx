import { Layers } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Evidence, Explanation } from '../../api/types'
import { GUTTER_PX, HertzAxis } from '../../ui/Axis'
import { heightAmong, partOf } from '../../ui/bands'
import { Button } from '../../ui/Button'
import { EventPicture } from '../../ui/EventPicture'
import { useFormat } from '../../ui/format'
import { Legend } from '../../ui/Legend'

/** So many dB below the loudest are drawn. */
const RANGE_DB = 60
const MAP_MAX = 6

interface Props {
  evidence: Evidence
  why: Explanation | null
}

/** The sound of an event, with a box around what is unusual; or how far each spot is off. */
export function Picture({ evidence, why }: Props) {
  const { t } = useTranslation()
  const format = useFormat()
  const [isMap, setIsMap] = useState(false)
  const { level_db, anomaly_map, bands_hz, start_s, hop_s } = evidence
  const loudest = useMemo(() => Math.max(...level_db.flat()), [level_db])
  const seconds = level_db.length * hop_s
  const at = (s: number) => t('unit.seconds', { n: format.number(s, 1) })
  const label = why
    ? t('events.picture', {
        from: at(start_s),
        to: at(start_s + seconds),
        low: format.hz(why.low_hz),
        high: format.hz(why.high_hz),
      })
    : t('events.picture_plain')
  const isMapShown = isMap && anomaly_map !== null
  return (
    <div className="flex flex-col gap-1">
      <div className="flex flex-wrap items-center justify-between gap-2" style={{ paddingLeft: GUTTER_PX }}>
        {isMapShown ? (
          <Legend text={t('events.legend_map')} low="0" high={`≥${MAP_MAX}`} />
        ) : (
          <Legend
            text={t('events.legend_level')}
            low={t('live.level_value', { db: Math.round(loudest - RANGE_DB) })}
            high={t('live.level_value', { db: Math.round(loudest) })}
          />
        )}
        {anomaly_map && (
          <Button
            aria-pressed={isMap}
            icon={<Layers size={16} aria-hidden />}
            onClick={() => {
              setIsMap(!isMap)
            }}
          >
            {t('events.map')}
          </Button>
        )}
      </div>
      <div className="flex h-52">
        <HertzAxis heightOf={(hz) => heightAmong(bands_hz, hz)} />
        <div
          role="img"
          aria-label={label}
          className="relative min-w-0 flex-1 overflow-hidden rounded-md"
          data-testid="picture"
        >
          <EventPicture
            frames={isMapShown ? anomaly_map : level_db}
            min={isMapShown ? 0 : loudest - RANGE_DB}
            max={isMapShown ? MAP_MAX : loudest}
            className="size-full"
          />
          {why && <Band why={why} evidence={evidence} />}
        </div>
      </div>
      <div
        className="flex justify-between text-[11px] text-mute tabular-nums"
        style={{ paddingLeft: GUTTER_PX }}
        aria-hidden
      >
        <span>{at(0)}</span>
        <span>{at(seconds)}</span>
      </div>
    </div>
  )
}

function Band({ why, evidence }: { why: Explanation; evidence: Evidence }) {
  const { bands_hz, start_s, hop_s, level_db } = evidence
  const part = partOf(why, { bandsHz: bands_hz, startS: start_s, seconds: level_db.length * hop_s })
  if (part.right <= part.left || part.top <= part.bottom) return null
  return (
    <div
      className="absolute rounded-sm border-2 border-white outline-1 outline-black"
      data-testid="band"
      style={{
        left: `${100 * part.left}%`,
        width: `${100 * (part.right - part.left)}%`,
        bottom: `${100 * part.bottom}%`,
        height: `${100 * (part.top - part.bottom)}%`,
      }}
    />
  )
}

import { Pause, Play } from 'lucide-react'
import { useMemo, useState, type MouseEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { explanationOf, type Inspection, type PictureInfo } from '../../api/types'
import { GUTTER_PX, HertzAxis } from '../../ui/Axis'
import { heightAmong, partOf } from '../../ui/bands'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { bytesOf, Heat, valueAt } from '../../ui/Heat'
import { heardAs } from '../../ui/heard'
import { Legend } from '../../ui/Legend'
import { StateMark } from '../../ui/States'
import { hertzIn, isJudged, outline, peakOf, stretches, windowAt } from './reading'
import type { Playback } from '../../ui/usePlayback'

const MAX_RATIO = 2
const TICKS = 5

interface Place {
  s: number
  picture: string | null
  /** 0 at the bottom of the picture, 1 at its top. */
  height: number
}

/** Waveform, spectrogram, judgement and map, one below the other on one time axis. */
export function Stack({ found, playback }: { found: Inspection; playback: Playback }) {
  const { t } = useTranslation()
  const format = useFormat()
  const [place, setPlace] = useState<Place | null>(null)
  const seconds = found.verdict.duration_s
  const point = (event: MouseEvent<HTMLElement>): Place | null => {
    const box = event.currentTarget.getBoundingClientRect()
    const s = ((event.clientX - box.left - GUTTER_PX) / (box.width - GUTTER_PX)) * seconds
    if (s < 0 || s > seconds) return null
    const on = event.target instanceof Element ? event.target.closest('[data-picture]') : null
    const own = on?.getBoundingClientRect()
    const height = own ? 1 - (event.clientY - own.top) / own.height : 0
    return { s, picture: on?.getAttribute('data-picture') ?? null, height }
  }
  const map = found.anomaly_map
  const legendDb = (db: number) => t('live.level_value', { db: format.number(db) })
  return (
    <div className="flex flex-col gap-1">
      <div className="flex flex-wrap items-center gap-3">
        <Button
          look="primary"
          disabled={!playback.canPlay}
          icon={playback.isPlaying ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
          onClick={playback.toggle}
        >
          {playback.isPlaying ? t('events.pause') : t('events.play')}
        </Button>
        <ReadOut found={found} place={place ?? { s: playback.atS, picture: null, height: 0 }} />
      </div>
      {!playback.canPlay && (
        <p role="alert" className="text-sm text-watch">
          {t('inspect.can_not_play')}
        </p>
      )}
      <div
        className="relative flex cursor-crosshair touch-pan-y flex-col gap-1"
        onPointerMove={(event) => {
          setPlace(point(event))
        }}
        onPointerLeave={() => {
          setPlace(null)
        }}
        onClick={(event) => {
          const picked = point(event)
          if (picked) playback.seek(picked.s)
        }}
      >
        <Row
          title={t('live.waveform')}
          legend={
            <span className="text-[11px]">
              {t('inspect.swing', { peak: format.about(peakOf(found.waveform)) })}
            </span>
          }
        >
          <Waveform found={found} />
        </Row>
        <Row
          title={t('live.spectrogram')}
          legend={
            <Legend
              text={t('live.legend')}
              low={legendDb(found.spectrogram.low)}
              high={legendDb(found.spectrogram.high)}
            />
          }
          bandsHz={found.spectrogram.bands_hz}
        >
          <Spectrogram found={found} />
        </Row>
        <Row title={t('inspect.windows')}>
          <Windows found={found} />
        </Row>
        {map && (
          <Row
            title={found.classes.length > 0 ? t('inspect.map_attention') : t('events.map')}
            legend={
              <Legend
                text={t('events.legend_map')}
                low={format.about(map.low)}
                high={`≥${format.about(map.high)}`}
              />
            }
            bandsHz={map.bands_hz}
          >
            <div
              role="img"
              aria-label={t('inspect.map_label', { seconds: format.number(seconds, 1) })}
              className="h-32 overflow-hidden rounded-md bg-raised"
              data-picture="map"
              data-testid="map"
            >
              <div className="h-full" style={{ width: `${100 * widthOf(map, seconds)}%` }}>
                <Heat picture={map} className="size-full" />
              </div>
            </div>
          </Row>
        )}
        <div
          className="pointer-events-none absolute inset-y-0 right-0"
          style={{ left: GUTTER_PX }}
          aria-hidden
        >
          {place && <Line part={place.s / seconds} className="bg-white mix-blend-difference" />}
          <Line part={playback.atS / seconds} className="bg-accent" testId="cursor" />
        </div>
      </div>
      <TimeAxis seconds={seconds} />
      <div className="flex items-center" style={{ paddingLeft: GUTTER_PX }}>
        <input
          type="range"
          className="min-h-6 w-full accent-accent"
          aria-label={t('inspect.position')}
          aria-valuetext={t('inspect.position_value', {
            at: format.number(playback.atS, 1),
            seconds: format.number(seconds, 1),
          })}
          min={0}
          max={seconds}
          step={0.1}
          value={playback.atS}
          onChange={({ target }) => {
            playback.seek(Number(target.value))
          }}
        />
      </div>
    </div>
  )
}

function Row(props: { title: string; legend?: ReactNode; bandsHz?: number[]; children: ReactNode }) {
  const { title, legend, bandsHz, children } = props
  return (
    <div>
      <div
        className="flex items-center justify-between gap-2 text-xs text-mute"
        style={{ paddingLeft: GUTTER_PX }}
      >
        <h3>{title}</h3>
        {legend}
      </div>
      <div className="flex">
        {bandsHz && bandsHz.length > 1 ? (
          <HertzAxis heightOf={(hz) => heightAmong(bandsHz, hz)} />
        ) : (
          <div className="shrink-0" style={{ width: GUTTER_PX }} />
        )}
        <div className="min-w-0 flex-1">{children}</div>
      </div>
    </div>
  )
}

function Line({ part, className, testId }: { part: number; className: string; testId?: string }) {
  return (
    <div
      className={`absolute inset-y-0 w-0.5 -translate-x-1/2 ${className}`}
      style={{ left: `${100 * part}%` }}
      data-testid={testId}
    />
  )
}

function Waveform({ found }: { found: Inspection }) {
  const { t } = useTranslation()
  const format = useFormat()
  const path = useMemo(() => outline(found.waveform), [found.waveform])
  return (
    <svg
      role="img"
      aria-label={t('inspect.waveform_label', { peak: format.about(peakOf(found.waveform)) })}
      viewBox={`0 0 ${Math.max(1, found.waveform.high.length - 1)} 2`}
      preserveAspectRatio="none"
      className="block h-16 w-full rounded-md bg-raised"
      data-picture="waveform"
      data-testid="waveform"
    >
      <path d={path} fill="var(--accent)" stroke="var(--accent)" vectorEffect="non-scaling-stroke" />
    </svg>
  )
}

function Spectrogram({ found }: { found: Inspection }) {
  const { t } = useTranslation()
  const format = useFormat()
  const picture = found.spectrogram
  const seconds = found.verdict.duration_s
  const why = explanationOf(found.verdict)
  const part = why && partOf(why, { bandsHz: picture.bands_hz, startS: 0, seconds })
  const label = why
    ? t('events.picture', {
        from: t('unit.seconds', { n: 0 }),
        to: t('unit.seconds', { n: format.number(seconds, 1) }),
        low: format.hz(why.low_hz),
        high: format.hz(why.high_hz),
      })
    : t('inspect.spectrogram_label', { seconds: format.number(seconds, 1) })
  return (
    <div
      role="img"
      aria-label={label}
      className="relative h-44 overflow-hidden rounded-md"
      data-picture="spectrogram"
      data-testid="spectrogram"
    >
      <Heat picture={picture} className="size-full" />
      {part && (
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
      )}
    </div>
  )
}

const FILLS = {
  normal: 'var(--ok)',
  anomaly: 'var(--bad)',
  no_signal: 'var(--edge)',
  unreliable: 'var(--watch)',
} as const

/** A bar for each window: as high as its score, over the dashed line where it is an anomaly. */
function Windows({ found }: { found: Inspection }) {
  const { t } = useTranslation()
  const seconds = found.verdict.duration_s
  const hasLimit = !found.notes.includes('no_limit')
  const odd = found.windows.filter(({ state }) => state === 'anomaly').length
  return (
    <svg
      role="img"
      aria-label={t('inspect.windows_label', { n: found.windows.length, odd })}
      viewBox={`0 0 ${seconds} ${MAX_RATIO}`}
      preserveAspectRatio="none"
      className="block h-14 w-full rounded-md bg-raised"
      data-picture="windows"
      data-testid="bars"
    >
      {stretches(found.windows).map(({ fromS, toS, window }) => {
        const height = isJudged(window) ? Math.min(MAX_RATIO, Math.max(0.08, window.ratio)) : MAX_RATIO
        return (
          <rect
            key={window.start_s}
            x={fromS}
            width={Math.max(0, toS - fromS) * 0.94}
            y={MAX_RATIO - height}
            height={height}
            fill={hasLimit || !isJudged(window) ? FILLS[window.state] : 'var(--accent)'}
            opacity={isJudged(window) ? 1 : 0.4}
            data-state={window.state}
          />
        )
      })}
      <line
        x1={0}
        x2={seconds}
        y1={MAX_RATIO - 1}
        y2={MAX_RATIO - 1}
        stroke="var(--ink)"
        strokeDasharray="6 4"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  )
}

/** What stands where the pointer is, or else the cursor. */
function ReadOut({ found, place }: { found: Inspection; place: Place }) {
  const { t } = useTranslation()
  const format = useFormat()
  const pictures = { spectrogram: found.spectrogram, map: found.anomaly_map }
  const bytes = useMemo(
    () => ({
      spectrogram: bytesOf(found.spectrogram.data),
      map: bytesOf(found.anomaly_map?.data ?? ''),
    }),
    [found],
  )
  const window = windowAt(found.windows, place.s)
  const hasLimit = !found.notes.includes('no_limit')
  const on = place.picture === 'spectrogram' || place.picture === 'map' ? place.picture : null
  const picture = on && pictures[on]
  const value =
    on && picture
      ? valueAt(
          picture,
          bytes[on],
          (place.s - picture.start_s) / (picture.hop_s * picture.columns),
          place.height,
        )
      : null
  const hz = picture && value !== null ? hertzIn(picture.bands_hz, place.height) : null
  const heard = window && heardAs(window, t, format)
  return (
    <p className="flex min-h-6 flex-wrap items-center gap-x-4 text-sm tabular-nums" data-testid="readout">
      <span>{t('unit.seconds', { n: format.number(place.s, 2) })}</span>
      {window && (hasLimit || !isJudged(window)) && <StateMark state={window.state} />}
      {window && hasLimit && isJudged(window) && (
        <span>{t('inspect.ratio', { ratio: format.number(window.ratio, 2) })}</span>
      )}
      {heard && <span>{heard}</span>}
      {hz !== null && <span>{format.hz(hz)}</span>}
      {value !== null && (
        <span>
          {on === 'spectrogram'
            ? t('live.level_value', { db: format.number(value) })
            : t('inspect.off', { value: format.about(value) })}
        </span>
      )}
    </p>
  )
}

function TimeAxis({ seconds }: { seconds: number }) {
  const { t } = useTranslation()
  const format = useFormat()
  const steps = Array.from({ length: TICKS + 1 }, (_, i) => (seconds * i) / TICKS)
  return (
    <div
      className="flex justify-between text-[11px] leading-none text-mute tabular-nums"
      style={{ paddingLeft: GUTTER_PX }}
      aria-hidden
    >
      {steps.map((s) => (
        <span key={s}>{t('unit.seconds', { n: format.number(s, seconds < 20 ? 1 : 0) })}</span>
      ))}
    </div>
  )
}

/** A map may end before the sound does: windows that are not full draw nothing. */
function widthOf(picture: PictureInfo, seconds: number): number {
  return Math.min(1, (picture.hop_s * picture.columns) / seconds)
}

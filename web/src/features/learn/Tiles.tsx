import { Slash, Volume2, VolumeX, Waves } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { COLUMNS_PER_S } from '../../audio/scale'
import { EventPicture } from '../../ui/EventPicture'
import { recording } from './recording'

type Mark = 'ok' | 'silent' | 'clipped' | 'odd'

const MARKS = [
  ['silent', 'text-watch'],
  ['clipped', 'text-bad'],
  ['odd', 'text-watch'],
] as const

interface Props {
  count: number
  marks: Record<string, Mark>
  struck?: ReadonlySet<number>
  /** Once it is recorded, seconds can be struck out, and taken back. */
  onStrike?: (second: number) => void
}

/** One tile a second, with what was heard in it; silent, clipped and odd ones are marked. */
export function Tiles({ count, marks, struck, onStrike }: Props) {
  const { t } = useTranslation()
  const of = (state: Mark) => Object.values(marks).filter((mark) => mark === state).length
  const good = count - MARKS.reduce((sum, [state]) => sum + of(state), 0)
  return (
    <div className="flex flex-col gap-3">
      {onStrike && <p className="text-sm text-mute">{t('learn.strike_hint')}</p>}
      <ol aria-label={t('learn.tiles')} className="grid grid-cols-10 gap-1 md:grid-cols-15">
        {Array.from({ length: count }, (_, index) => (
          <li key={index} data-state={marks[index] ?? 'ok'}>
            <Tile
              index={index}
              state={marks[index] ?? 'ok'}
              isStruck={struck?.has(index) ?? false}
              onStrike={onStrike}
            />
          </li>
        ))}
      </ol>
      <p className="flex flex-wrap gap-x-4 text-sm text-mute tabular-nums">
        <span>{t('learn.legend_ok', { n: good })}</span>
        {MARKS.map(([state, colour]) => (
          <span key={state} className={of(state) > 0 ? colour : ''}>
            {t(`learn.legend_${state}`, { n: of(state) })}
          </span>
        ))}
        {struck && <span>{t('learn.legend_struck', { n: struck.size })}</span>}
      </p>
    </div>
  )
}

const BORDERS: Record<Mark, string> = {
  ok: 'border-line',
  silent: 'border-watch',
  clipped: 'border-bad',
  odd: 'border-watch',
}
const ICONS = { silent: VolumeX, clipped: Volume2, odd: Waves } as const

function Tile(props: {
  index: number
  state: Mark
  isStruck: boolean
  onStrike?: ((second: number) => void) | undefined
}) {
  const { index, state, isStruck, onStrike } = props
  const { t } = useTranslation()
  const Icon = isStruck ? Slash : state === 'ok' ? null : ICONS[state]
  const look = `relative block aspect-square w-full overflow-hidden rounded border-2 ${BORDERS[state]} ${isStruck ? 'opacity-60' : ''}`
  const inside = (
    <>
      <Picture index={index} />
      {Icon && (
        <span className="absolute inset-0 grid place-items-center bg-black/60 text-white" aria-hidden>
          <Icon size={16} />
        </span>
      )}
      <span className="sr-only">{t(`learn.tile_${state}`, { n: index + 1 })}</span>
    </>
  )
  if (!onStrike) return <div className={look}>{inside}</div>
  return (
    <button
      type="button"
      className={look}
      aria-pressed={isStruck}
      title={t('learn.strike')}
      onClick={() => {
        onStrike(index)
      }}
    >
      {inside}
    </button>
  )
}

/** Of what this page has heard itself; after a reload there is none. */
function Picture({ index }: { index: number }) {
  const frames = useMemo(() => recording.timeline.frames(index * COLUMNS_PER_S, COLUMNS_PER_S), [index])
  return <EventPicture frames={frames} min={0} max={255} className="size-full" />
}

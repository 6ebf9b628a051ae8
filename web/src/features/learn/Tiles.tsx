import { Volume2, VolumeX } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { COLUMNS_PER_S } from '../../audio/scale'
import { EventPicture } from '../../ui/EventPicture'
import { recording, type Second } from './recording'

/** One tile a second, with what was heard in it; silent and clipped ones are marked. */
export function Tiles({ seconds }: { seconds: Second[] }) {
  const { t } = useTranslation()
  const count = (state: Second) => seconds.filter((second) => second === state).length
  return (
    <div className="flex flex-col gap-3">
      <ol aria-label={t('learn.tiles')} className="grid grid-cols-10 gap-1 md:grid-cols-15">
        {seconds.map((state, index) => (
          <Tile key={index} state={state} index={index} />
        ))}
      </ol>
      <p className="flex flex-wrap gap-x-4 text-sm text-mute tabular-nums">
        <span>{t('learn.legend_ok', { n: count('ok') })}</span>
        <span className={count('silent') > 0 ? 'text-watch' : ''}>
          {t('learn.legend_silent', { n: count('silent') })}
        </span>
        <span className={count('clipped') > 0 ? 'text-bad' : ''}>
          {t('learn.legend_clipped', { n: count('clipped') })}
        </span>
      </p>
    </div>
  )
}

function Tile({ state, index }: { state: Second; index: number }) {
  const { t } = useTranslation()
  const frames = useMemo(() => recording.timeline.frames(index * COLUMNS_PER_S, COLUMNS_PER_S), [index])
  return (
    <li
      className={`relative aspect-square overflow-hidden rounded border-2 ${state === 'ok' ? 'border-line' : state === 'silent' ? 'border-watch' : 'border-bad'}`}
      data-state={state}
    >
      <EventPicture frames={frames} min={0} max={255} className="size-full" />
      {state !== 'ok' && (
        <span className="absolute inset-0 grid place-items-center bg-black/60 text-white" aria-hidden>
          {state === 'silent' ? <VolumeX size={16} /> : <Volume2 size={16} />}
        </span>
      )}
      <span className="sr-only">{t(`learn.tile_${state}`, { n: index + 1 })}</span>
    </li>
  )
}

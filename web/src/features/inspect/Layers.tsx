import { useQuery } from '@tanstack/react-query'
import { Layers as Icon } from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, type LayerInfo } from '../../api/client'
import type { Inspection, PictureInfo } from '../../api/types'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Heat } from '../../ui/Heat'
import { Legend } from '../../ui/Legend'
import { Problem } from '../../ui/Problem'
import { depthOf } from './reading'

interface Props {
  found: Inspection
  file: File
  /** Where the cursor stands. */
  atS: number
}

/** What each layer of a network makes of one window, from the sound to the answer. */
export function Layers({ found, file, atS }: Props) {
  const { t } = useTranslation()
  const format = useFormat()
  const [windowS, setWindowS] = useState<number | null>(null)
  const [opened, setOpened] = useState<string | null>(null)
  const seen = useQuery({
    queryKey: ['layers', found.bundle.id, windowS],
    queryFn: ({ signal }) => api.layers(file, found.bundle.id, windowS ?? 0, signal),
    enabled: windowS !== null,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  })
  const title = useId()
  if (found.layers.length === 0) {
    return <p className="text-sm text-mute">{t('inspect.no_layers', { name: found.bundle.name })}</p>
  }
  const layers = seen.data?.layers ?? []
  return (
    <section className="card flex flex-col gap-3 p-4" aria-labelledby={title} data-testid="layers">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 id={title} className="font-semibold">
          {t('inspect.layers')}
        </h2>
        <div className="flex flex-wrap gap-2">
          <Button
            icon={<Icon size={16} aria-hidden />}
            onClick={() => {
              setWindowS(found.telling_s)
            }}
          >
            {t('inspect.layers_telling')}
          </Button>
          <Button
            onClick={() => {
              setWindowS(atS)
            }}
          >
            {t('inspect.layers_cursor', { at: format.number(atS, 1) })}
          </Button>
        </div>
      </div>
      {windowS === null && <p className="text-sm text-mute">{t('inspect.layers_hint')}</p>}
      {seen.isFetching && <p role="status">{t('app.loading')}</p>}
      {seen.error && <Problem error={seen.error} onRetry={() => void seen.refetch()} />}
      {seen.data && (
        <p className="text-sm text-mute" role="status">
          {t('inspect.layers_of', {
            from: format.number(seen.data.start_s, 1),
            to: format.number(seen.data.end_s, 1),
          })}
        </p>
      )}
      <ol className="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
        {layers.map((layer, i) => (
          <li key={layer.name}>
            <LayerCard
              layer={layer}
              depth={depthOf(i, layers.length)}
              isOpen={opened === layer.name}
              onToggle={() => {
                setOpened(opened === layer.name ? null : layer.name)
              }}
            />
          </li>
        ))}
      </ol>
      {layers
        .filter(({ name }) => name === opened)
        .map((layer) => (
          <Channels key={layer.name} layer={layer} />
        ))}
    </section>
  )
}

interface CardProps {
  layer: LayerInfo
  depth: 'early' | 'middle' | 'late'
  isOpen: boolean
  onToggle: () => void
}

function LayerCard({ layer, depth, isOpen, onToggle }: CardProps) {
  const { t } = useTranslation()
  const [channels = 1, rows = 1, columns = 1] = layer.shape
  return (
    <figure className="flex h-full flex-col gap-1" data-testid="layer">
      <figcaption>
        <h3 className="text-sm font-semibold break-all">{layer.name}</h3>
        <p className="text-xs text-mute">{t(`inspect.depth_${depth}`)}</p>
      </figcaption>
      <div role="img" aria-label={t('inspect.mean_label', { name: layer.name })} className="mt-auto h-28">
        <Heat picture={layer.mean} className="size-full rounded-md" />
      </div>
      <div className="flex flex-wrap items-center justify-between gap-1 text-[11px] text-mute tabular-nums">
        <span>{t('inspect.shape', { channels, rows, columns })}</span>
        <Scale picture={layer.mean} />
      </div>
      {channels > 1 && (
        <Button aria-expanded={isOpen} onClick={onToggle}>
          {isOpen ? t('inspect.channels_hide') : t('inspect.channels_show', { n: layer.channels.length })}
        </Button>
      )}
    </figure>
  )
}

function Channels({ layer }: { layer: LayerInfo }) {
  const { t } = useTranslation()
  const first = layer.channels[0]
  return (
    <section className="flex flex-col gap-2 border-t border-line pt-3" data-testid="channels">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-sm font-semibold">
          {t('inspect.channels_of', { name: layer.name, n: layer.channels.length, all: layer.shape[0] ?? 1 })}
        </h3>
        {first && <Scale picture={first} />}
      </div>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(7rem,1fr))] gap-2">
        {layer.channels.map((picture, i) => (
          <li key={i} className="text-[11px] text-mute tabular-nums">
            <div role="img" aria-label={t('inspect.channel', { n: i + 1 })} className="h-16">
              <Heat picture={picture} className="size-full rounded-sm" />
            </div>
            <span aria-hidden>{i + 1}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Scale({ picture }: { picture: PictureInfo }) {
  const { t } = useTranslation()
  const format = useFormat()
  return (
    <Legend
      text={t('inspect.legend_layer')}
      low={format.about(picture.low)}
      high={format.about(picture.high)}
    />
  )
}

import { useMutation } from '@tanstack/react-query'
import { BadgeCheck, CircleCheck, ShieldCheck, Trash2 } from 'lucide-react'
import { useId, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { api, type BundleInfo, type GoingOnInfo } from '../../api/client'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { BundleName } from './BundleName'
import { useAgreement } from './agreement'
import { figuresIn } from './comparing'
import { Fetch } from './Fetch'
import { GoingOn } from './GoingOn'

const MIB = 2 ** 20
const MAX_FIGURES = 6

interface Props {
  bundle: BundleInfo
  goesOn: GoingOnInfo | null
  isAble: boolean
  isBusy: boolean
  isPicked: boolean
  onPick: (() => void) | null
  onActivate: () => void
  onRemove: () => void
}

export function BundleCard({
  bundle,
  goesOn,
  isAble,
  isBusy,
  isPicked,
  onPick,
  onActivate,
  onRemove,
}: Props) {
  const { t } = useTranslation()
  const name = useId()
  const proof = useMutation({ mutationFn: () => api.verify(bundle.id) })
  return (
    <article
      className={`card flex h-full flex-col gap-3 p-4 ${bundle.active ? 'border-accent' : ''}`}
      aria-labelledby={name}
      data-testid="bundle"
      data-id={bundle.id}
    >
      <header className="flex flex-wrap items-start justify-between gap-2">
        <BundleName bundle={bundle} title={name} />
        {bundle.active && (
          <span className="inline-flex items-center gap-1 text-sm font-semibold text-accent">
            <CircleCheck size={16} aria-hidden />
            {t('bundles.in_use')}
          </span>
        )}
      </header>
      <Facts bundle={bundle} />
      <Known bundle={bundle} />
      {(goesOn ?? isAble) && <GoingOn id={bundle.id} info={goesOn} />}
      {proof.data && (
        <p role="status" className="flex items-center gap-1 text-sm text-ok">
          <BadgeCheck size={16} aria-hidden />
          <span>
            <Proved difference={proof.data.max_difference} />
            {proof.data.references_of === 'earlier' && ` ${t('bundles.proved_earlier')}`}
          </span>
        </p>
      )}
      {proof.error && <Problem error={proof.error} />}
      <div className="mt-auto flex flex-wrap items-center gap-2">
        {!bundle.active && (
          <Button look="primary" disabled={isBusy} onClick={onActivate}>
            {t('bundles.use')}
          </Button>
        )}
        <Button
          icon={<ShieldCheck size={16} aria-hidden />}
          disabled={proof.isPending}
          onClick={() => {
            proof.mutate()
          }}
        >
          {proof.isPending ? t('bundles.proving') : t('bundles.prove')}
        </Button>
        <Fetch bundle={bundle} />
        {bundle.active ? (
          <span className="text-xs text-mute">{t('bundles.not_removable')}</span>
        ) : (
          <Button icon={<Trash2 size={16} aria-hidden />} disabled={isBusy} onClick={onRemove}>
            {t('bundles.remove')}
          </Button>
        )}
        {onPick && (
          <label className="ml-auto inline-flex min-h-10 items-center gap-2 text-sm">
            <input type="checkbox" className="size-5 accent-accent" checked={isPicked} onChange={onPick} />
            {t('bundles.compare')}
          </label>
        )}
      </div>
    </article>
  )
}

function Proved({ difference }: { difference: number }) {
  const { t } = useTranslation()
  const format = useFormat()
  return difference === 0
    ? t('bundles.proved_exactly')
    : t('bundles.proved', { difference: format.about(difference) })
}

function Facts({ bundle }: { bundle: BundleInfo }) {
  const { t } = useTranslation()
  const format = useFormat()
  const kind = bundle.embedder ? `${bundle.family} · ${bundle.embedder}` : bundle.family
  const rate = bundle.promised_per_day
  const agreement = useAgreement()
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
      <Fact name={t('bundles.kind')}>{kind}</Fact>
      <Fact name={t('bundles.learned')}>
        {t('bundles.learned_value', {
          duration: format.duration(bundle.learned_s),
          n: format.number(bundle.recordings),
        })}
      </Fact>
      <Fact name={t('bundles.window')}>
        {t('bundles.window_value', {
          window: format.about(bundle.window_s),
          hop: format.about(bundle.hop_s),
          rate: format.hz(bundle.sample_rate_hz),
        })}
      </Fact>
      {bundle.labels.length > 0 && (
        <Fact name={t('inspect.classes')}>{bundle.labels.join(t('explain.joiner'))}</Fact>
      )}
      {rate !== null && (
        <Fact name={t('bundles.promise')}>
          {format.rate(rate)} ({t(`live.trust_${bundle.trust}`)})
        </Fact>
      )}
      <Fact name={t('bundles.size')}>
        {t('bundles.size_value', { mib: format.about(bundle.size_bytes / MIB) })}
      </Fact>
      {bundle.form !== null && (
        <Fact name={t('bundles.form')}>
          {bundle.form.kind}. {agreement(bundle)}
        </Fact>
      )}
      <Fact name={t('bundles.since')}>{format.moment(new Date(bundle.created_at))}</Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-mute">{name}</dt>
      <dd className="min-w-0 break-words tabular-nums">{children}</dd>
    </>
  )
}

/** Figures that were measured; where there is nothing to measure with, that is said. */
function Known({ bundle }: { bundle: BundleInfo }) {
  const { t } = useTranslation()
  const format = useFormat()
  const figures = figuresIn(bundle.metrics).slice(0, MAX_FIGURES)
  if (figures.length === 0) {
    return (
      <p className="text-sm text-mute" data-testid="unmeasured">
        {bundle.labels.length > 0 ? t('bundles.no_figures') : t('bundles.normal_only')}
      </p>
    )
  }
  return (
    <ul className="flex flex-wrap gap-x-4 text-sm tabular-nums">
      {figures.map(([figure, value]) => (
        <li key={figure}>
          <span className="text-mute">{figure}</span> {format.about(value)}
        </li>
      ))}
    </ul>
  )
}

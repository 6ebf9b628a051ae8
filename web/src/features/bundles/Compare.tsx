import { Pause, Play } from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BundleInfo } from '../../api/client'
import { Button } from '../../ui/Button'
import { DropZone } from '../../ui/DropZone'
import { useFormat } from '../../ui/format'
import { heardAs } from '../../ui/heard'
import { Problem } from '../../ui/Problem'
import { ToldProblem } from '../../ui/ToldProblem'
import { StateMark } from '../../ui/States'
import { usePlayback } from '../../ui/usePlayback'
import { disagreements, tallyOf, type Candidate, type Compared, type Side } from './comparing'
import { Histogram, Key, Roc } from './Curves'
import { useComparison, type Comparison } from './useComparison'

const MAX_FILES = 500
const MAX_SHOWN = 30
const ACCEPT = 'audio/*,.wav,.flac,.mp3,.ogg,.opus,.m4a,.aif,.aiff'

/** Two bundles judge the same recordings: who tells them apart better, and where they disagree. */
export function Compare({ pair }: { pair: BundleInfo[] }) {
  const { t } = useTranslation()
  const title = useId()
  const [candidates, setCandidates] = useState<Candidate[]>([])
  const comparison = useComparison(pair.map(({ id }) => id))
  const isRunning = comparison.step === 'running'
  const add = (side: Side, files: File[]) => {
    setCandidates((before) => [...before, ...files.map((file) => ({ file, side }))].slice(0, MAX_FILES))
  }
  const count = (side: Side) => candidates.filter((one) => one.side === side).length
  return (
    <section className="card flex flex-col gap-4 p-4" aria-labelledby={title} data-testid="compare">
      <div>
        <h2 id={title} className="text-lg font-semibold">
          {t('bundles.compare_title', { one: pair[0]?.name ?? '', other: pair[1]?.name ?? '' })}
        </h2>
        <p className="text-sm text-mute">{t('bundles.compare_lead')}</p>
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        {(['normal', 'anomaly'] as const).map((side) => (
          <DropZone
            key={side}
            isMultiple
            isDisabled={isRunning}
            accept={ACCEPT}
            title={t(`bundles.drop_${side}`)}
            hint={t('bundles.dropped', { n: count(side) })}
            onFiles={(files) => {
              add(side, files)
            }}
          />
        ))}
      </div>
      {candidates.length === MAX_FILES && (
        <p className="text-sm text-watch">{t('bundles.most_files', { n: MAX_FILES })}</p>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button
          look="primary"
          disabled={candidates.length === 0 || isRunning}
          onClick={() => void comparison.begin(candidates)}
        >
          {t('bundles.compare_begin', { n: candidates.length })}
        </Button>
        {isRunning && <Button onClick={comparison.stop}>{t('learn.stop')}</Button>}
        {candidates.length > 0 && !isRunning && (
          <Button
            onClick={() => {
              setCandidates([])
              comparison.stop()
            }}
          >
            {t('bundles.clear')}
          </Button>
        )}
        {isRunning && <Progress comparison={comparison} />}
      </div>
      {comparison.error !== null && <Problem error={comparison.error} />}
      {comparison.refused.length > 0 && (
        <details className="text-sm text-watch">
          <summary>{t('bundles.refused', { n: comparison.refused.length })}</summary>
          <ul className="list-disc pl-5">
            {comparison.refused.slice(0, MAX_SHOWN).map(({ name, error }, i) => (
              <li key={`${name}-${i}`}>
                {error.problem ? <ToldProblem told={error.problem} /> : error.message}
              </li>
            ))}
          </ul>
        </details>
      )}
      {comparison.step === 'done' && comparison.compared.length > 0 && (
        <Outcome pair={pair} comparison={comparison} />
      )}
    </section>
  )
}

function Progress({ comparison }: { comparison: Comparison }) {
  const { t } = useTranslation()
  const done = comparison.compared.length + comparison.refused.length
  return (
    <>
      <progress
        className="h-2 w-40 accent-accent"
        aria-label={t('bundles.comparing')}
        max={comparison.total}
        value={done}
      />
      <span className="text-sm tabular-nums">
        {t('bundles.progress', { n: done, all: comparison.total })}
      </span>
    </>
  )
}

function Outcome({ pair, comparison }: { pair: BundleInfo[]; comparison: Comparison }) {
  const { t } = useTranslation()
  const { compared, figures } = comparison
  return (
    <div className="flex flex-col gap-4" data-testid="outcome">
      <Table pair={pair} comparison={comparison} />
      {figures.length === 0 && <p className="text-sm text-mute">{t('bundles.both_sides')}</p>}
      <div className="grid gap-4 md:grid-cols-3">
        {figures.length > 0 && (
          <figure className="flex flex-col gap-1">
            <figcaption className="text-sm font-semibold">{t('bundles.roc')}</figcaption>
            <Roc figures={figures} names={pair.map(({ name }) => name)} />
          </figure>
        )}
        {pair.map((bundle, index) => (
          <figure key={bundle.id} className="flex flex-col gap-1">
            <figcaption className="text-sm font-semibold">
              {t('bundles.histogram', { name: bundle.name })}
            </figcaption>
            <Histogram compared={compared} index={index} hasLimit={bundle.limits.length > 0} />
          </figure>
        ))}
      </div>
      {pair.every(({ limits }) => limits.length > 0) ? (
        <Disagreements pair={pair} found={disagreements(compared)} />
      ) : (
        <p className="text-sm text-mute">{t('bundles.one_without_limit')}</p>
      )}
    </div>
  )
}

function Table({ pair, comparison }: { pair: BundleInfo[]; comparison: Comparison }) {
  const { t } = useTranslation()
  const format = useFormat()
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={t('bundles.figures')}>
      <table className="w-full min-w-[38rem] text-left text-sm tabular-nums">
        <thead className="text-xs text-mute">
          <tr>
            <th scope="col">{t('inspect.bundle')}</th>
            <th scope="col">{t('bundles.auc')}</th>
            <th scope="col">{t('bundles.pauc')}</th>
            <th scope="col">{t('bundles.caught')}</th>
            <th scope="col">{t('bundles.false_alarms')}</th>
          </tr>
        </thead>
        <tbody>
          {pair.map((bundle, index) => {
            const figures = comparison.figures[index]
            const tally = tallyOf(comparison.compared, index)
            const hasLimit = bundle.limits.length > 0
            return (
              <tr key={bundle.id} className="border-t border-line" data-testid="figures">
                <th scope="row" className="font-normal">
                  <Key index={index} /> {bundle.name}
                </th>
                <td>
                  {figures
                    ? t('bundles.auc_value', {
                        auc: format.number(figures.auc, 3),
                        low: format.number(figures.auc_low, 2),
                        high: format.number(figures.auc_high, 2),
                      })
                    : '–'}
                </td>
                <td>{figures ? format.number(figures.pauc, 3) : '–'}</td>
                <td>
                  {hasLimit
                    ? t('bundles.of', { n: tally.caught, all: tally.anomalies })
                    : t('bundles.no_limit')}
                </td>
                <td>
                  {hasLimit
                    ? t('bundles.of', { n: tally.falseAlarms, all: tally.normals })
                    : t('bundles.no_limit')}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function Disagreements({ pair, found }: { pair: BundleInfo[]; found: Compared[] }) {
  const { t } = useTranslation()
  const format = useFormat()
  if (found.length === 0) return <p className="text-sm">{t('bundles.agree')}</p>
  return (
    <section className="flex flex-col gap-2" data-testid="disagreements">
      <h3 className="font-semibold">{t('bundles.disagree', { n: found.length })}</h3>
      <ul className="flex flex-col">
        {found.slice(0, MAX_SHOWN).map(({ file, side, said }, i) => (
          <li
            key={`${file.name}-${i}`}
            className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line py-1 text-sm"
          >
            <PlayButton file={file} />
            <span className="min-w-0 break-all">{file.name}</span>
            <span className="text-mute">{t(`bundles.is_${side}`)}</span>
            {said.map((one, index) => (
              <span key={one.bundle} className="inline-flex items-center gap-1 tabular-nums">
                <Key index={index} />
                <span className="sr-only">{pair[index]?.name}</span>
                <StateMark state={one.state} />
                <span>{t('inspect.ratio', { ratio: format.number(one.ratio, 2) })}</span>
                <span>{heardAs({ ...one, is_known: null }, t, format)}</span>
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  )
}

function PlayButton({ file }: { file: File }) {
  const { t } = useTranslation()
  const { isPlaying, canPlay, toggle } = usePlayback(file, Infinity)
  return (
    <button
      type="button"
      disabled={!canPlay}
      aria-label={t(isPlaying ? 'bundles.pause_file' : 'bundles.play_file', { name: file.name })}
      className="grid size-9 place-items-center rounded-lg border border-line hover:bg-raised disabled:opacity-50"
      onClick={toggle}
    >
      {isPlaying ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
    </button>
  )
}

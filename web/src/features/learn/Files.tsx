import { FolderOpen, Upload } from 'lucide-react'
import { useState, type ChangeEvent, type DragEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useStore } from 'zustand'
import { Button, buttonClass } from '../../ui/Button'
import { ApiError } from '../../api/client'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { ToldProblem } from '../../ui/ToldProblem'
import { Bar } from '../../ui/Bar'
import { chosenFiles, droppedFiles, type Placed } from './dropped'
import { cancelSending, send, sending, type Refused } from './sending'

/** More than are ever taken: to say how many they are would take long. */
const MOST_LOOKED_AT = 20_000
const MOST_SHOWN = 50

/** A place to drop files and folders, and how far they are on their way. */
export function Files() {
  const { t } = useTranslation()
  const state = useStore(sending)
  const [isOver, setIsOver] = useState(false)
  const hover = (event: DragEvent) => {
    event.preventDefault()
    setIsOver(true)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setIsOver(false)
    void droppedFiles(event.dataTransfer, MOST_LOOKED_AT).then(send)
  }
  return (
    <div className="flex flex-col gap-3">
      <div
        className={`flex flex-col items-center gap-2 rounded-card border-2 border-dashed p-5 text-center ${isOver ? 'border-accent bg-raised' : 'border-edge'} ${state.isSending ? 'opacity-50' : ''}`}
        onDragOver={hover}
        onDragEnter={hover}
        onDragLeave={() => {
          setIsOver(false)
        }}
        onDrop={drop}
        data-testid="drop"
      >
        <Upload size={28} className="text-accent" aria-hidden />
        <p className="font-semibold">{t('learn.drop')}</p>
        <p className="text-sm text-mute">{t('learn.drop_hint')}</p>
        <div className="flex flex-wrap justify-center gap-2">
          <Chooser icon={<Upload size={18} aria-hidden />} isDisabled={state.isSending}>
            {t('learn.choose_files')}
          </Chooser>
          <Chooser icon={<FolderOpen size={18} aria-hidden />} isFolder isDisabled={state.isSending}>
            {t('learn.choose_folder')}
          </Chooser>
        </div>
      </div>
      <OnTheWay />
    </div>
  )
}

function Chooser(props: { icon: ReactNode; isFolder?: boolean; isDisabled: boolean; children: string }) {
  const take = (event: ChangeEvent<HTMLInputElement>) => {
    const files: Placed[] = chosenFiles(event.target.files)
    event.target.value = '' // the same may be chosen again
    void send(files)
  }
  return (
    <label
      className={buttonClass(
        'plain',
        'cursor-pointer focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent',
      )}
    >
      {props.icon}
      {props.children}
      <input
        type="file"
        className="sr-only"
        multiple
        disabled={props.isDisabled}
        {...(props.isFolder ? { webkitdirectory: '' } : {})}
        onChange={take}
      />
    </label>
  )
}

function OnTheWay() {
  const { t } = useTranslation()
  const format = useFormat()
  const { total, done, now, isSending, refused, error, tooMany } = useStore(sending)
  return (
    <>
      {isSending && (
        <div className="flex flex-wrap items-center gap-3 text-sm">
          <div className="min-w-32 grow">
            <Bar label={t('learn.sending')} part={done / Math.max(total, 1)} />
          </div>
          <span className="tabular-nums" role="status">
            {t('learn.sent', { n: format.number(done), of: format.number(total) })}
          </span>
          <span className="max-w-52 truncate text-mute">{now}</span>
          <Button onClick={cancelSending}>{t('learn.stop')}</Button>
        </div>
      )}
      {tooMany && (
        <p role="alert" className="card border-bad p-3 text-sm">
          {t('learn.too_many', { n: format.number(tooMany.n), most: format.number(tooMany.most) })}
        </p>
      )}
      {error !== null && <Problem error={error} />}
      {refused.length > 0 && <NotTaken refused={refused} />}
    </>
  )
}

function NotTaken({ refused }: { refused: Refused[] }) {
  const { t } = useTranslation()
  return (
    <details className="card border-watch p-3 text-sm" open={refused.length <= 3} data-testid="refused">
      <summary className="cursor-pointer font-semibold text-watch">
        {t('learn.refused', { n: refused.length })}
      </summary>
      <ul className="mt-1 list-disc pl-5">
        {refused.slice(0, MOST_SHOWN).map(({ place, error }) => (
          <li key={place}>
            <span className="break-all">{place}</span>
            {': '}
            <Reason error={error} />
          </li>
        ))}
      </ul>
      {refused.length > MOST_SHOWN && <p>{t('learn.refused_more', { n: refused.length - MOST_SHOWN })}</p>}
    </details>
  )
}

function Reason({ error }: { error: unknown }) {
  const { t } = useTranslation()
  const problem = error instanceof ApiError ? error.problem : null
  if (error === null) return <span>{t('learn.too_large')}</span>
  if (problem) return <ToldProblem told={problem} />
  return <span lang="en">{String(error)}</span>
}

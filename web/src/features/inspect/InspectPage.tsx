import { useQuery } from '@tanstack/react-query'
import { Download, FileAudio, LoaderCircle, Server } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { api } from '../../api/client'
import type { Inspection } from '../../api/types'
import { LocalTrouble } from '../../localengine/trouble'
import { Button, buttonClass } from '../../ui/Button'
import { DropZone } from '../../ui/DropZone'
import { Forbidden } from '../../ui/Forbidden'
import { useFormat } from '../../ui/format'
import { LocalProblem } from '../../ui/LocalProblem'
import { Problem } from '../../ui/Problem'
import { Select } from '../../ui/Select'
import { useMay } from '../../ui/useScope'
import { BothWays } from './BothWays'
import { Classes } from './Classes'
import { Layers } from './Layers'
import { Stack } from './Stack'
import { usePlayback } from '../../ui/usePlayback'
import { useHere } from './useHere'
import { Verdict } from './Verdict'
import { WindowTable } from './WindowTable'

const ACCEPT = 'audio/*,video/mp4,.wav,.flac,.mp3,.ogg,.oga,.opus,.m4a,.aac,.webm,.aif,.aiff'
const MIB = 2 ** 20

interface Chosen {
  file: File
  /** The same file may be chosen again. */
  number: number
}

/** One file from all sides: judged by the server, in this browser, or by both, and kept nowhere. */
export default function InspectPage() {
  const { t } = useTranslation()
  const format = useFormat()
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const [wanted, setWanted] = useState('')
  const [isHere, setIsHere] = useState(false)
  const [isSent, setIsSent] = useState(false)
  const bundles = useQuery({ queryKey: ['bundles'], queryFn: api.bundles })
  const config = useQuery({ queryKey: ['config'], queryFn: api.config, staleTime: Infinity })
  const maySend = useMay('listen')
  const listed = (maySend && bundles.data?.bundles) || []
  const most = config.data?.limits['max_upload_bytes'] ?? Infinity
  const isAsked = !isHere || isSent
  const isTooLarge = isAsked && chosen !== null && chosen.file.size > most
  const inUse = wanted || (listed.find(({ active }) => active)?.id ?? null)
  const here = useHere(chosen?.file ?? null, chosen?.number ?? 0, inUse, isHere)
  const found = useQuery({
    queryKey: ['inspect', chosen?.number, wanted],
    queryFn: ({ signal }) => api.inspect(chosen?.file ?? new File([], ''), wanted || null, signal),
    enabled: chosen !== null && !isTooLarge && isAsked && maySend,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  })
  const given = isHere ? here : found
  const shown = given.isFetching ? null : given.data
  if (bundles.data?.bundles.length === 0 && !isHere) return <NothingLearned />
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h1 className="text-2xl font-bold">{t('inspect.title')}</h1>
        {listed.length > 1 && (
          <Select
            isLabelShown
            label={t('inspect.bundle')}
            value={wanted}
            options={[
              ['', t('inspect.active')] as const,
              ...listed.map(({ id, name }) => [id, name] as const),
            ]}
            onChange={setWanted}
          />
        )}
      </div>
      <HereSwitch
        isOn={isHere}
        onChange={(isOn) => {
          setIsHere(isOn)
          setIsSent(false)
        }}
      />
      {bundles.error && !isHere && <Problem error={bundles.error} onRetry={() => void bundles.refetch()} />}
      {!maySend && <Forbidden what="no_inspecting" />}
      <DropZone
        title={chosen ? t('inspect.drop_another') : t('inspect.drop')}
        hint={t('inspect.drop_hint')}
        accept={ACCEPT}
        isDisabled={!maySend && !isHere}
        onFiles={([file]) => {
          setIsSent(false)
          if (file) setChosen({ file, number: (chosen?.number ?? 0) + 1 })
        }}
      />
      {isTooLarge && (
        <p role="alert" className="card border-bad p-4 text-sm">
          {t('inspect.too_large', {
            name: chosen.file.name,
            mib: format.number(chosen.file.size / MIB),
            most: format.number(most / MIB),
          })}
        </p>
      )}
      {(found.isFetching || here.isFetching) && <Waiting name={chosen?.file.name ?? ''} />}
      {isAsked && found.error && !found.isFetching && (
        <Problem error={found.error} onRetry={() => void found.refetch()} />
      )}
      {isHere && here.error && !here.isFetching && <HereProblem error={here.error} />}
      {isHere && here.data && found.data && isSent && <BothWays here={here.data} server={found.data} />}
      {isHere && here.data && !isSent && bundles.data && maySend && (
        <Button
          className="self-start"
          icon={<Server size={16} aria-hidden />}
          onClick={() => {
            setIsSent(true)
          }}
        >
          {t('inspect_here.send')}
        </Button>
      )}
      {shown && chosen && (
        <Result
          key={`${chosen.number}-${wanted}-${isHere}`}
          found={shown}
          file={chosen.file}
          isHere={isHere}
        />
      )}
      {!chosen && <p className="text-sm text-mute">{t(isHere ? 'inspect_here.lead' : 'inspect.lead')}</p>}
    </div>
  )
}

function Result({ found, file, isHere }: { found: Inspection; file: File; isHere: boolean }) {
  const { t } = useTranslation()
  const playback = usePlayback(file, found.verdict.duration_s)
  const [isTable, setIsTable] = useState(false)
  return (
    <div className="flex flex-col gap-4" data-testid="inspection">
      <section className="card flex flex-wrap items-start justify-between gap-4 p-4">
        <Verdict found={found} />
        <SaveJson found={found} />
      </section>
      <section className="card flex flex-col gap-2 p-3 md:p-4">
        <Stack found={found} playback={playback} />
        <div>
          <Button
            aria-pressed={isTable}
            onClick={() => {
              setIsTable(!isTable)
            }}
          >
            {t('live.table')}
          </Button>
        </div>
        {isTable && <WindowTable windows={found.windows} hasLimit={!found.notes.includes('no_limit')} />}
      </section>
      {found.classes.length > 0 && <Classes classes={found.classes} isKnown={found.verdict.is_known} />}
      {!isHere && <Layers found={found} file={file} atS={playback.atS} />}
    </div>
  )
}

function HereSwitch({ isOn, onChange }: { isOn: boolean; onChange: (isOn: boolean) => void }) {
  const { t } = useTranslation()
  return (
    <div className="flex flex-col gap-1">
      <label className="inline-flex min-h-10 items-center gap-2 self-start text-sm font-semibold">
        <input
          type="checkbox"
          role="switch"
          className="size-5 accent-accent"
          checked={isOn}
          onChange={({ target }) => {
            onChange(target.checked)
          }}
        />
        {t('local.title')}
      </label>
      {isOn && (
        <p className="text-sm text-mute">
          {t('inspect_here.hint')}{' '}
          <Link href="/local" className="text-accent underline">
            {t('inspect_here.to_local')}
          </Link>
        </p>
      )}
    </div>
  )
}

function HereProblem({ error }: { error: unknown }) {
  return error instanceof LocalTrouble ? <LocalProblem trouble={error} /> : <Problem error={error} />
}

function SaveJson({ found }: { found: Inspection }) {
  const { t } = useTranslation()
  const save = () => {
    const address = URL.createObjectURL(
      new Blob([JSON.stringify(found, null, 1)], { type: 'application/json' }),
    )
    const link = document.createElement('a')
    link.href = address
    link.download = `${found.name.replace(/\.\w+$/, '')}.json`
    link.click()
    URL.revokeObjectURL(address)
  }
  return (
    <Button icon={<Download size={16} aria-hidden />} onClick={save}>
      {t('inspect.save')}
    </Button>
  )
}

function Waiting({ name }: { name: string }) {
  const { t } = useTranslation()
  return (
    <p role="status" className="card flex items-center gap-3 p-4 font-semibold">
      <LoaderCircle size={20} className="animate-spin text-accent" aria-hidden />
      {t('inspect.waiting', { name })}
    </p>
  )
}

function NothingLearned() {
  const { t } = useTranslation()
  return (
    <section className="card mx-auto flex max-w-xl flex-col items-start gap-3 p-6" data-testid="empty">
      <FileAudio size={32} className="text-mute" aria-hidden />
      <h1 className="text-xl font-bold">{t('start.no_bundle')}</h1>
      <p className="text-mute">{t('inspect.no_bundle_hint')}</p>
      <Link href="/learn" className={buttonClass('primary')}>
        {t('start.learn')}
      </Link>
    </section>
  )
}

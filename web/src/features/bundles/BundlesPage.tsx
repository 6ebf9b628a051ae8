import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Undo2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { api, type BundleInfo } from '../../api/client'
import { Button, buttonClass } from '../../ui/Button'
import { DropZone } from '../../ui/DropZone'
import { Forbidden } from '../../ui/Forbidden'
import { Problem } from '../../ui/Problem'
import { useMay } from '../../ui/useScope'
import { UndoBar } from '../../ui/UndoBar'
import { BundleCard } from './BundleCard'
import { Compare } from './Compare'
import { Exports } from './Exports'
import { useJobNews } from '../../ui/jobNews'
import { useGoingOn } from '../../ui/useGoingOn'

type Done = { what: 'removed' | 'activated'; bundle: BundleInfo }

/** Every bundle of the server: which one is in use, what is known of it, and what can be done with it. */
export default function BundlesPage() {
  const { t } = useTranslation()
  const queries = useQueryClient()
  useJobNews()
  const listed = useQuery({ queryKey: ['bundles'], queryFn: api.bundles })
  const [done, setDone] = useState<Done | null>(null)
  const [picked, setPicked] = useState<string[]>([])
  const again = () => queries.invalidateQueries({ queryKey: ['bundles'] })

  const send = useMutation({ mutationFn: api.sendBundle, onSettled: again })
  const change = useMutation({
    mutationFn: async ({ what, bundle }: Done) => {
      if (what === 'removed') await api.removeBundle(bundle.id)
      else await api.activate(bundle.id)
    },
    onSuccess: (_, told) => {
      setDone(told)
    },
    onSettled: again,
  })
  const undo = useMutation({
    mutationFn: async ({ what, bundle }: Done) => {
      await (what === 'removed' ? api.restoreBundle(bundle.id) : api.rollBack())
    },
    onSuccess: () => {
      setDone(null)
    },
    onSettled: again,
  })
  const back = useMutation({ mutationFn: () => api.rollBack(), onSettled: again })
  const bundles = listed.data?.bundles ?? []
  const { goesOn, isEarlier, isAble } = useGoingOn()
  const [showsEarlier, setShowsEarlier] = useState(false)
  const earlier = bundles.filter(({ id, active }) => !active && isEarlier(id))
  const shown = showsEarlier ? bundles : bundles.filter((bundle) => !earlier.includes(bundle))
  const previous = bundles.find(({ id }) => id === listed.data?.previous)
  const pair = bundles.filter(({ id }) => picked.includes(id))
  const failed = [send, change, undo, back].find(({ error }) => error !== null)
  const mayChange = useMay('admin')
  const mayHear = useMay('listen')
  return (
    // What is disabled as a whole holds each button of the page, those of the cards too.
    <fieldset disabled={!mayChange} className="flex min-w-0 flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h1 className="text-2xl font-bold">{t('bundles.title')}</h1>
        {previous && (
          <Button
            icon={<Undo2 size={16} aria-hidden />}
            disabled={back.isPending}
            onClick={() => {
              back.mutate()
            }}
          >
            <span className="max-w-60 truncate">{t('bundles.back', { name: previous.name })}</span>
          </Button>
        )}
      </div>
      {!mayChange && <Forbidden what="needs_admin" />}
      {!mayHear && <Forbidden what="no_file" />}
      {listed.isPending && <p role="status">{t('app.loading')}</p>}
      {listed.error && <Problem error={listed.error} onRetry={() => void listed.refetch()} />}
      {failed && <Problem error={failed.error} />}
      {listed.data && bundles.length === 0 && <Empty />}
      <Exports />
      {bundles.length > 1 && <p className="text-sm text-mute">{t('bundles.pick_two')}</p>}
      <ul className="grid gap-4 lg:grid-cols-2">
        {shown.map((bundle) => (
          <li key={bundle.id}>
            <BundleCard
              bundle={bundle}
              goesOn={goesOn(bundle.id)}
              isAble={isAble(bundle)}
              isBusy={change.isPending}
              isPicked={picked.includes(bundle.id)}
              onPick={
                bundles.length > 1
                  ? () => {
                      setPicked((before) => pickedWith(before, bundle.id))
                    }
                  : null
              }
              onActivate={() => {
                change.mutate({ what: 'activated', bundle })
              }}
              onRemove={() => {
                setPicked((before) => before.filter((id) => id !== bundle.id))
                change.mutate({ what: 'removed', bundle })
              }}
            />
          </li>
        ))}
      </ul>
      {earlier.length > 0 && (
        <label className="inline-flex min-h-10 items-center gap-2 self-start text-sm">
          <input
            type="checkbox"
            className="size-5 accent-accent"
            checked={showsEarlier}
            onChange={({ target }) => {
              setShowsEarlier(target.checked)
            }}
          />
          {t('going_on.earlier', { n: earlier.length })}
        </label>
      )}
      {pair.length === 2 && <Compare key={pair.map(({ id }) => id).join()} pair={pair} />}
      {mayChange && (
        <DropZone
          title={send.isPending ? t('bundles.sending') : t('bundles.import')}
          hint={t('bundles.import_hint')}
          accept=".onnx,.tflite"
          isDisabled={send.isPending}
          onFiles={([file]) => {
            if (file) send.mutate(file)
          }}
        />
      )}
      {send.data && !send.isPending && (
        <p role="status" className="text-sm text-ok">
          {t('bundles.imported', { name: send.data.name })}
        </p>
      )}
      <UndoBar
        text={done && t(`bundles.${done.what}`, { name: done.bundle.name })}
        onUndo={() => {
          if (done) undo.mutate(done)
        }}
        onDismiss={() => {
          setDone(null)
        }}
      />
    </fieldset>
  )
}

/** Two at most: a third one takes the place of the first. */
function pickedWith(before: string[], id: string): string[] {
  return before.includes(id) ? before.filter((one) => one !== id) : [...before.slice(-1), id]
}

function Empty() {
  const { t } = useTranslation()
  return (
    <section className="card flex flex-col items-start gap-3 p-6" data-testid="empty">
      <h2 className="text-lg font-semibold">{t('bundles.empty')}</h2>
      <p className="text-mute">{t('bundles.empty_hint')}</p>
      <Link href="/learn" className={buttonClass('primary')}>
        {t('start.learn')}
      </Link>
    </section>
  )
}

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Tag } from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import type { EventDetail } from '../../api/types'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { JUDGING } from './useEvents'

const MAX_LETTERS = 60

/** What a real fault was: a name of one's own, or that of an earlier one that sounded alike. */
export function Naming({ event }: { event: EventDetail }) {
  const queries = useQueryClient()
  const call = useMutation({
    ...JUDGING,
    mutationFn: (name: string) => api.label(event.id, 'anomaly', name),
    onSettled: () => queries.invalidateQueries({ queryKey: ['events'] }),
  })
  if (event.kind !== 'anomaly') return null
  const like = event.name === '' && event.label !== 'normal' ? event.sounds_like : null
  return (
    <>
      {like && <Like like={like} isBusy={call.isPending} onCall={call.mutate} />}
      {event.label === 'anomaly' && (
        <Form current={event.name} isBusy={call.isPending} onCall={call.mutate} />
      )}
      {call.error && <Problem error={call.error} />}
    </>
  )
}

interface LikeProps {
  like: NonNullable<EventDetail['sounds_like']>
  isBusy: boolean
  onCall: (name: string) => void
}

function Like({ like, isBusy, onCall }: LikeProps) {
  const { t } = useTranslation()
  const format = useFormat()
  return (
    <div className="flex flex-wrap items-center gap-3 text-sm" data-testid="like">
      <p>{t('naming.like', { name: like.name, when: format.day(new Date(like.begun_at)) })}</p>
      <Button
        disabled={isBusy}
        onClick={() => {
          onCall(like.name)
        }}
      >
        {t('naming.that', { name: like.name })}
      </Button>
    </div>
  )
}

interface FormProps {
  current: string
  isBusy: boolean
  onCall: (name: string) => void
}

function Form({ current, isBusy, onCall }: FormProps) {
  const { t } = useTranslation()
  const [name, setName] = useState(current)
  const names = useQuery({ queryKey: ['events', 'names'], queryFn: api.names })
  const field = useId()
  return (
    <form
      className="flex flex-wrap items-end gap-2"
      onSubmit={(submit) => {
        submit.preventDefault()
        onCall(name.trim())
      }}
    >
      <label className="flex min-w-0 grow flex-col gap-1 text-sm">
        <span className="text-mute">{t('naming.question')}</span>
        <input
          className="min-h-10 rounded-lg border border-edge bg-surface px-3"
          value={name}
          maxLength={MAX_LETTERS}
          list={field}
          placeholder={t('naming.example')}
          onChange={(change) => {
            setName(change.target.value)
          }}
        />
      </label>
      <datalist id={field}>
        {names.data?.names.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <Button type="submit" icon={<Tag size={16} aria-hidden />} disabled={isBusy || name.trim() === current}>
        {t('naming.save')}
      </Button>
    </form>
  )
}

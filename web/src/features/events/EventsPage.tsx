import { Download, Keyboard } from 'lucide-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation, useRoute } from 'wouter'
import { exportAddress } from '../../api/client'
import type { EventInfo, Label } from '../../api/types'
import { Button, buttonClass } from '../../ui/Button'
import { Menu, MenuItem } from '../../ui/Menu'
import { labelKey } from '../../ui/names'
import { Problem } from '../../ui/Problem'
import { UndoBar } from '../../ui/UndoBar'
import { useMay } from '../../ui/useScope'
import { useIsNarrow } from '../../ui/useMedia'
import { Detail } from './Detail'
import { EventList } from './EventList'
import { Filters } from './Filters'
import { Help } from './Help'
import { TimelineStrip } from './TimelineStrip'
import {
  ALL,
  afterJudging,
  FIRST,
  filterOf,
  inOrder,
  leftOf,
  nextOf,
  useEvent,
  useEventList,
  useJudging,
  type Choice,
} from './useEvents'
import { useKeys } from './useKeys'

export default function EventsPage() {
  const { t } = useTranslation()
  const isNarrow = useIsNarrow()
  const [choice, setChoice] = useState<Choice>(FIRST)
  const list = useEventList(choice)
  const listed = list.data?.pages.flatMap((page) => page.events) ?? []
  // Until the answer is there, the list of the choice before stands in for it.
  const events = inOrder(list.isPlaceholderData ? listed : leftOf(choice, listed))
  const total = list.data?.pages[0]?.total ?? 0
  const [selected, select] = useSelected(events, isNarrow)
  const judging = useJudging()
  const mayJudge = useMay('listen')
  const [isHelpOpen, setIsHelpOpen] = useState(false)
  const audio = useRef<HTMLAudioElement>(null)
  const shown = useEvent(selected)
  const detail = shown.data

  const judge = (label: Label) => {
    const event = events.find(({ id }) => id === selected) ?? detail
    if (!event || !mayJudge) return
    const ids = events.map(({ id }) => id)
    judging.judge(event, label)
    select(afterJudging(ids, event.id))
  }
  const undo = () => {
    const id = judging.last?.id
    judging.undo()
    if (id) select(id)
  }
  useKeys((act) => {
    if (act === 'next' || act === 'previous') {
      select(
        nextOf(
          events.map(({ id }) => id),
          selected,
          act === 'next' ? 1 : -1,
        ),
      )
    } else if (act === 'undo') undo()
    else if (act === 'help') setIsHelpOpen(true)
    else if (act === 'play') togglePlay(audio.current)
    else if (act !== 'allow') judge(act)
  })

  const isDetailAlone = isNarrow && selected !== null
  return (
    <div className="flex flex-col gap-4">
      {!isDetailAlone && (
        <>
          <div className="flex flex-wrap items-center justify-between gap-2">
            <h1 className="text-2xl font-bold">{t('events.title')}</h1>
            <div className="flex gap-2">
              <ExportMenu choice={choice} />
              <Button
                className="max-md:hidden"
                icon={<Keyboard size={16} aria-hidden />}
                onClick={() => {
                  setIsHelpOpen(true)
                }}
              >
                {t('events.keys')}
              </Button>
            </div>
          </div>
          <Filters choice={choice} onChange={setChoice} />
          {list.error && <Problem error={list.error} onRetry={() => void list.refetch()} />}
          {events.length > 0 && (
            <TimelineStrip events={events} total={total} selected={selected} onSelect={select} />
          )}
        </>
      )}
      {judging.error && <Problem error={judging.error} />}
      {list.data && events.length === 0 && !selected ? (
        <Empty
          choice={choice}
          onShowAll={() => {
            setChoice(ALL)
          }}
        />
      ) : (
        <div className="grid gap-4 md:grid-cols-[18rem_minmax(0,1fr)] lg:grid-cols-[21rem_minmax(0,1fr)]">
          {!isDetailAlone && (
            <EventList
              events={events}
              selected={selected}
              onSelect={select}
              onMore={list.hasNextPage ? () => void list.fetchNextPage() : null}
            />
          )}
          {(!isNarrow || selected !== null) && (
            <div className="min-w-0">
              {isNarrow && (
                <Button
                  className="mb-3"
                  onClick={() => {
                    select(null)
                  }}
                >
                  {t('events.back')}
                </Button>
              )}
              {shown.error && <Problem error={shown.error} />}
              {detail && selected !== null ? (
                <Detail event={detail} audio={audio} onJudge={judge} />
              ) : (
                <p className="card p-6 text-mute">{t('events.choose')}</p>
              )}
            </div>
          )}
        </div>
      )}
      <UndoBar
        text={judging.last && t('events.labelled', { label: t(labelKey(judging.last.label)) })}
        shortcut="U"
        onUndo={undo}
        onDismiss={judging.forget}
      />
      <Help
        isOpen={isHelpOpen}
        onClose={() => {
          setIsHelpOpen(false)
        }}
      />
    </div>
  )
}

/** The selected event stands in the address; where there is room, one is always selected. */
function useSelected(events: EventInfo[], isNarrow: boolean): [string | null, (id: string | null) => void] {
  const [, params] = useRoute('/events/:id?')
  const [, navigate] = useLocation()
  const named = params?.id ?? null
  const select = (id: string | null) => {
    navigate(id === null ? '/events' : `/events/${id}`, { replace: !isNarrow })
  }
  return [named ?? (isNarrow ? null : (events[0]?.id ?? null)), select]
}

function togglePlay(audio: HTMLAudioElement | null): void {
  if (audio?.paused) void audio.play()
  else audio?.pause()
}

function ExportMenu({ choice }: { choice: Choice }) {
  const { t } = useTranslation()
  const fetchAs = (format: 'csv' | 'json') => {
    location.assign(exportAddress(format, filterOf(choice, new Date())))
  }
  return (
    <Menu trigger={<Button icon={<Download size={16} aria-hidden />}>{t('events.export')}</Button>}>
      {(['csv', 'json'] as const).map((format) => (
        <MenuItem
          key={format}
          onSelect={() => {
            fetchAs(format)
          }}
        >
          {format.toUpperCase()}
        </MenuItem>
      ))}
    </Menu>
  )
}

/** Nothing to show: why, and the one thing to do. */
function Empty({ choice, onShowAll }: { choice: Choice; onShowAll: () => void }) {
  const { t } = useTranslation()
  const isFiltered =
    choice.period !== 'all' || choice.kind !== '' || choice.stream !== '' || choice.text !== ''
  const anything = useEventList(ALL)
  const hasNone = anything.data?.pages[0]?.total === 0
  const [title, hint] = hasNone
    ? [t('events.empty'), t('events.empty_hint')]
    : isFiltered
      ? [t('events.empty_filter'), null]
      : [t('events.all_reviewed'), t('events.all_reviewed_hint')]
  return (
    <section className="card flex flex-col items-start gap-3 p-6" data-testid="empty">
      <h2 className="text-lg font-semibold">{title}</h2>
      {hint && <p className="text-mute">{hint}</p>}
      {hasNone ? (
        <Link href="/" className={buttonClass('primary')}>
          {t('events.empty_action')}
        </Link>
      ) : (
        <Button look="primary" onClick={onShowAll}>
          {t('events.empty_filter_action')}
        </Button>
      )}
    </section>
  )
}

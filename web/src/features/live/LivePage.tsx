import { useEffect, useState } from 'react'
import { Forbidden } from '../../ui/Forbidden'
import { useIsNarrow } from '../../ui/useMedia'
import { useNow } from '../../ui/useNow'
import { Controls } from './Controls'
import { FaultButtons } from './FaultButtons'
import { isKiosk, Kiosk } from './Kiosk'
import { LimitBubble } from './LimitBubble'
import { Notices } from './Notices'
import { Pictures } from './Pictures'
import { RecentEvents } from './RecentEvents'
import { ResultTable } from './ResultTable'
import { ScoreStrip } from './ScoreStrip'
import { StartPanel } from './StartPanel'
import { StatusLine } from './StatusLine'
import { session } from './session'
import { useLive } from './state'
import { Trouble } from './Trouble'
import { Verdict } from './Verdict'
import { ViewToggles, type Views } from './ViewToggles'

const RIGHT_PX = 56
const RIGHT_WITH_SPECTRUM_PX = 130

export default function LivePage() {
  const phase = useLive((live) => live.phase)
  useEffect(() => {
    const last = session.lastTarget()
    if (last && useLive.getState().phase === 'idle') void session.begin(last)
  }, [])
  if (phase === 'idle') return <StartPanel />
  if (phase === 'asking' || phase === 'refused') return <Trouble />
  return isKiosk() ? <Kiosk /> : <Listening />
}

function Listening() {
  const isNarrow = useIsNarrow()
  const [views, setViews] = useState<Views>({ wave: false, spectrum: false, table: false })
  const [factor, setFactor] = useState(1)
  const isDimmed = useIsDimmed()
  const hasSound = useLive((live) => live.hasSound)
  const seconds = isNarrow ? 10 : 30
  const rightPx = views.spectrum && !isNarrow ? RIGHT_WITH_SPECTRUM_PX : RIGHT_PX
  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_19rem]">
      <div className="flex min-w-0 flex-col gap-4">
        <section className="card flex flex-wrap items-center justify-between gap-x-4 gap-y-3 p-4">
          <Verdict />
          <Controls />
        </section>
        <Notices />
        <section className="card flex flex-col gap-3 p-3 md:p-4">
          {hasSound ? (
            <Pictures
              seconds={seconds}
              isDimmed={isDimmed}
              hasWave={views.wave}
              hasSpectrum={views.spectrum}
              rightPx={rightPx}
              toggles={<ViewToggles views={views} onChange={setViews} />}
            />
          ) : (
            <Forbidden what="no_sound" />
          )}
          <ScoreStrip
            seconds={seconds}
            isDimmed={isDimmed}
            rightPx={rightPx}
            factor={factor}
            onFactor={setFactor}
          />
          <LimitBubble factor={factor} onFactor={setFactor} />
          {views.table && <ResultTable />}
        </section>
        <StatusLine />
      </div>
      <aside className="flex min-w-0 flex-col gap-4">
        <FaultButtons />
        <RecentEvents />
      </aside>
    </div>
  )
}

/** Pictures of what is not the present are greyed. */
function useIsDimmed(): boolean {
  const now = useNow()
  return useLive(
    ({ phase, linkLostAtMs, stoppedAtMs }) =>
      phase === 'paused' || stoppedAtMs !== null || (linkLostAtMs !== null && now - linkLostAtMs > 3000),
  )
}

import { useTranslation } from 'react-i18next'
import type { Inspection } from '../../api/types'
import { useFormat } from '../../ui/format'
import { StateMark } from '../../ui/States'

/** Two machines round differently in the last digits. */
const SAME = 1e-5

/** What this browser says, and what the server says: the same numbers, side by side. */
export function BothWays({ here, server }: { here: Inspection; server: Inspection }) {
  const { t } = useTranslation()
  const format = useFormat()
  const score = (found: Inspection) => format.number(found.verdict.score, 4)
  const ratio = (found: Inspection) =>
    found.verdict.limit === null ? '–' : format.number(found.verdict.ratio, 3)
  const off =
    Math.abs(here.verdict.score - server.verdict.score) / Math.max(Math.abs(server.verdict.score), 1e-2)
  const isOther = here.bundle.name !== server.bundle.name
  return (
    <section className="card flex flex-col gap-2 p-4" data-testid="both" data-difference={off}>
      <h2 className="font-semibold">{t('inspect_here.both')}</h2>
      <div className="overflow-x-auto">
        <table className="w-full max-w-xl text-left text-sm tabular-nums">
          <thead className="text-xs text-mute">
            <tr>
              <td />
              <th scope="col">{t('inspect_here.browser')}</th>
              <th scope="col">{t('inspect_here.server')}</th>
            </tr>
          </thead>
          <tbody>
            <tr className="border-t border-line">
              <th scope="row">{t('live.state')}</th>
              <td>
                <StateMark state={here.verdict.state} />
              </td>
              <td>
                <StateMark state={server.verdict.state} />
              </td>
            </tr>
            <tr className="border-t border-line">
              <th scope="row">{t('live.score')}</th>
              <td>{score(here)}</td>
              <td>{score(server)}</td>
            </tr>
            <tr className="border-t border-line">
              <th scope="row">{t('inspect_here.ratio')}</th>
              <td>{ratio(here)}</td>
              <td>{ratio(server)}</td>
            </tr>
          </tbody>
        </table>
      </div>
      <p className="text-sm text-mute">
        {isOther
          ? t('inspect_here.other_bundle', { here: here.bundle.name, server: server.bundle.name })
          : off < SAME
            ? t('inspect_here.same')
            : t('inspect_here.difference', { percent: format.about(100 * off) })}
      </p>
    </section>
  )
}

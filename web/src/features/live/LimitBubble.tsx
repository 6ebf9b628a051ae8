import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Gauge, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Menu, MenuChoice, MenuNote } from '../../ui/Menu'
import { Problem } from '../../ui/Problem'
import { HeardSoFar } from '../../ui/HeardSoFar'
import { useGoingOn } from '../../ui/useGoingOn'
import { useMay } from '../../ui/useScope'
import { useWould } from './LimitHandle'
import { useJudge } from './useJudge'

const BUDGETS = [
  ['24', 'live.budget_24'],
  ['4', 'live.budget_4'],
  ['1', 'live.budget_1'],
  [String(1 / 7), 'live.budget_weekly'],
] as const

type Budget = (typeof BUDGETS)[number][0]

interface Props {
  factor: number
  onFactor: (factor: number) => void
}

/** What another limit would have done in the past hour, in words; and the sensitivity, which sets the limit. */
export function LimitBubble({ factor, onFactor }: Props) {
  const { t } = useTranslation()
  const format = useFormat()
  const would = useWould(factor)
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 text-sm">
      <p aria-live="polite" data-testid="would">
        {would.data
          ? `${t('live.limit_would', { value: format.number(factor, 2), n: would.data.events })} ${t('live.limit_heard', { duration: format.duration(would.data.seconds) })}`
          : t('live.limit_hint')}
        {factor !== 1 && (
          <button
            type="button"
            className="ml-2 min-h-6 text-accent underline"
            onClick={() => {
              onFactor(1)
            }}
          >
            {t('live.limit_reset')}
          </button>
        )}
      </p>
      <Sensitivity />
    </div>
  )
}

function Sensitivity() {
  const { t } = useTranslation()
  const format = useFormat()
  const queries = useQueryClient()
  const judge = useJudge()
  const [before, setBefore] = useState<number | null>(null)
  const change = useMutation({
    mutationFn: ({ id, budget }: { id: string; budget: number }) => api.setBudget(id, budget),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['bundles'] }),
  })
  const { goesOn } = useGoingOn()
  const mayChange = useMay('admin')
  if (!judge || !mayChange) return null
  const learning = goesOn(judge.id)
  const budget = judge.budget_per_day
  const value =
    BUDGETS.find(([name]) => budget !== null && Math.abs(Number(name) - budget) < 0.01)?.[0] ?? null
  const set = (to: number) => {
    setBefore(budget)
    change.mutate({ id: judge.id, budget: to })
  }
  const told = BUDGETS.find(([name]) => name === value)?.[1]
  return (
    <div className="flex flex-wrap items-center gap-2">
      {change.isSuccess && told && <span role="status">{t('live.budget_set', { budget: t(told) })}</span>}
      {change.isSuccess && before !== null && before !== budget && (
        <Button
          icon={<Undo2 size={16} aria-hidden />}
          onClick={() => {
            set(before)
            setBefore(null)
          }}
        >
          {t('live.undo')}
        </Button>
      )}
      <Menu trigger={<Button icon={<Gauge size={16} aria-hidden />}>{t('live.sensitivity')}</Button>}>
        <MenuNote>{t('live.sensitivity_hint')}</MenuNote>
        <MenuChoice<Budget>
          label={t('live.sensitivity')}
          value={value}
          options={BUDGETS.map(([name, key]) => [name, t(key)] as const)}
          onChange={(name) => {
            set(Number(name))
          }}
        />
        {learning && learning.doing !== 'off' && (
          <MenuNote>
            <HeardSoFar info={learning} />
          </MenuNote>
        )}
        {judge.supported_per_day !== null && (
          <MenuNote>{t('live.supported', { rate: format.rate(judge.supported_per_day) })}</MenuNote>
        )}
      </Menu>
      {change.error && <Problem error={change.error} />}
    </div>
  )
}

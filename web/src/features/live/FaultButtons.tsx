import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Wrench } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import type { DemoInfo } from '../../api/types'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { useMay } from '../../ui/useScope'
import { useLive } from './state'

const FAULT_S = 15
const NAMES = ['knock', 'bearing_tone', 'belt_squeal', 'imbalance', 'air_leak', 'hum', 'dropout'] as const

function isNamed(name: string): name is (typeof NAMES)[number] {
  return NAMES.some((known) => known === name)
}

/** Only beside the simulated machine: break it, and mend it. */
export function FaultButtons() {
  const { t } = useTranslation()
  const format = useFormat()
  const queries = useQueryClient()
  const isDemo = useLive(({ target }) => target?.kind === 'source' && target.stream === 'demo')
  const demo = useQuery({
    queryKey: ['demo'],
    queryFn: api.demo,
    enabled: isDemo,
    refetchInterval: ({ state }) => (state.data?.current ? 1000 : 5000),
  })
  const mayBreak = useMay('listen')
  const keep = (info: DemoInfo) => {
    queries.setQueryData(['demo'], info)
  }
  const breakIt = useMutation({
    mutationFn: (fault: string) => api.breakDemo(fault, FAULT_S),
    onSuccess: keep,
  })
  const mend = useMutation({ mutationFn: api.mendDemo, onSuccess: keep })
  if (!isDemo || !mayBreak || !demo.data?.available) return null
  const { faults, current, ends_in_s } = demo.data
  const error = breakIt.error ?? mend.error
  return (
    <section className="card p-4" aria-labelledby="faults">
      <h2 id="faults" className="font-semibold">
        {t('live.faults')}
      </h2>
      <p className="mb-3 text-xs text-mute">{t('live.faults_hint')}</p>
      <div className="flex flex-wrap gap-2">
        {faults.map(({ name }) => (
          <Button
            key={name}
            aria-pressed={current === name}
            onClick={() => {
              breakIt.mutate(name)
            }}
          >
            {isNamed(name) ? t(`fault.${name}`) : t('fault.other', { name })}
            {current === name && ends_in_s !== null && (
              <span className="text-xs tabular-nums">
                {t('live.fault_left', { n: format.number(ends_in_s) })}
              </span>
            )}
          </Button>
        ))}
        <Button
          disabled={current === null}
          icon={<Wrench size={16} aria-hidden />}
          onClick={() => {
            mend.mutate()
          }}
        >
          {t('live.mend')}
        </Button>
      </div>
      {error && <Problem error={error} />}
    </section>
  )
}

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { settingsApi, type KeyScope } from '../../api/settings'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { Select } from '../../ui/Select'
import { CopyButton, INPUT, Section, SureButton } from './parts'

const SCOPES = ['read', 'listen', 'admin'] as const

/** Who may come in: each person or machine has a key with a name. */
export function Keys() {
  const { t } = useTranslation()
  const format = useFormat()
  const queries = useQueryClient()
  const again = () => queries.invalidateQueries({ queryKey: ['keys'] })
  const listed = useQuery({ queryKey: ['keys'], queryFn: settingsApi.keys })
  const revoke = useMutation({ mutationFn: settingsApi.revokeKey, onSettled: again })
  return (
    <Section id="keys" title={t('settings.keys')} Icon={KeyRound} hint={t('settings.keys_hint')}>
      {listed.error && <Problem error={listed.error} onRetry={() => void listed.refetch()} />}
      {listed.data && !listed.data.is_needed && <p className="text-sm">{t('settings.keys_not_needed')}</p>}
      {listed.data?.is_needed && (
        <>
          <p className="text-sm text-mute">{t('settings.keys_of_start', { n: listed.data.of_start })}</p>
          <ul className="flex flex-col gap-2">
            {listed.data.keys.map((key) => (
              <li
                key={key.id}
                className="flex flex-wrap items-center justify-between gap-2 text-sm"
                data-testid="key"
              >
                <span>
                  <span className="font-semibold">{key.name}</span> · {t(`settings.scope_${key.scope}`)} ·{' '}
                  <span className="text-mute">
                    {key.used_at === null
                      ? t('settings.key_unused')
                      : t('settings.key_used', { at: format.moment(new Date(key.used_at)) })}
                  </span>
                </span>
                <SureButton
                  text={t('settings.revoke')}
                  question={t('settings.revoke_sure', { name: key.name })}
                  icon={<Trash2 size={16} aria-hidden />}
                  onSure={() => {
                    revoke.mutate(key.id)
                  }}
                />
              </li>
            ))}
          </ul>
          {revoke.error && <Problem error={revoke.error} />}
          <NewKey onMade={() => void again()} />
        </>
      )}
    </Section>
  )
}

function NewKey({ onMade }: { onMade: () => void }) {
  const { t } = useTranslation()
  const [name, setName] = useState('')
  const [scope, setScope] = useState<KeyScope>('listen')
  const make = useMutation({
    mutationFn: () => settingsApi.makeKey(name, scope),
    onSuccess: () => {
      setName('')
      onMade()
    },
  })
  return (
    <form
      className="flex flex-col items-start gap-2 border-t border-line pt-3"
      onSubmit={(event) => {
        event.preventDefault()
        make.mutate()
      }}
    >
      <div className="flex flex-wrap items-end gap-2">
        <label className="flex flex-col text-sm text-mute">
          {t('settings.key_name')}
          <input
            className={`${INPUT} w-56`}
            value={name}
            maxLength={40}
            onChange={({ target }) => {
              setName(target.value)
            }}
          />
        </label>
        <Select<KeyScope>
          label={t('settings.key_scope')}
          value={scope}
          options={SCOPES.map((one) => [one, t(`settings.scope_${one}`)] as const)}
          onChange={setScope}
        />
        <Button
          type="submit"
          disabled={name.trim() === '' || make.isPending}
          icon={<Plus size={16} aria-hidden />}
        >
          {t('settings.key_make')}
        </Button>
      </div>
      <p className="text-sm text-mute">{t(`settings.scope_${scope}_hint`)}</p>
      {make.error && <Problem error={make.error} />}
      {make.data && (
        <div
          role="status"
          className="flex w-full flex-col items-start gap-2 rounded-card border border-watch p-3 text-sm"
        >
          <p>{t('settings.key_once', { name: make.data.key.name })}</p>
          <code className="break-all" data-testid="secret">
            {make.data.secret}
          </code>
          <CopyButton text={make.data.secret} label={t('settings.copy')} />
        </div>
      )}
    </form>
  )
}

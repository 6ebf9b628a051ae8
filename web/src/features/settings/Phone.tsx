import { useQuery } from '@tanstack/react-query'
import { CircleAlert, CircleCheck, ShieldCheck, Smartphone } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { qrAddress, settingsApi } from '../../api/settings'
import { buttonClass } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { Select } from '../../ui/Select'
import { Section } from './parts'
import { waysHere } from './waysHere'

export function Phone() {
  const { t } = useTranslation()
  const found = useQuery({ queryKey: ['access'], queryFn: settingsApi.access })
  const [chosen, setChosen] = useState<string | null>(null)
  const ways = found.data ? waysHere(found.data.ways, location.origin) : []
  const way = ways.find(({ address }) => address === chosen) ?? ways[0]
  return (
    <Section id="phone" title={t('settings.phone')} Icon={Smartphone} hint={t('settings.phone_hint')}>
      {found.error && <Problem error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && !way && <p className="text-sm">{t('settings.phone_none')}</p>}
      {way && (
        <div className="flex flex-wrap items-start gap-4">
          <img
            src={qrAddress(way.address)}
            alt={t('settings.qr', { address: way.address })}
            className="size-44 rounded-lg bg-white"
          />
          <div className="flex min-w-0 flex-col gap-2 text-sm">
            {ways.length > 1 ? (
              <Select
                label={t('settings.address')}
                value={way.address}
                options={ways.map(({ address }) => [address, address] as const)}
                onChange={setChosen}
              />
            ) : (
              <code className="break-all">{way.address}</code>
            )}
            {way.has_microphone ? (
              <p className="flex items-center gap-1 text-ok">
                <CircleCheck size={16} aria-hidden />
                {t('settings.phone_microphone')}
              </p>
            ) : (
              <p className="flex items-center gap-1 text-watch">
                <CircleAlert size={16} aria-hidden />
                {t('settings.phone_no_microphone')}
              </p>
            )}
            {found.data?.needs_key && <p>{t('settings.phone_key')}</p>}
            {found.data?.has_own_certificate && <Authority />}
          </div>
        </div>
      )}
      <details className="text-sm">
        <summary className="min-h-6">{t('settings.https')}</summary>
        <p className="mt-2">{t('settings.https_own')}</p>
        <pre className="mt-2 overflow-x-auto rounded-lg bg-raised p-3" tabIndex={0}>
          {OWN}
        </pre>
        <p className="mt-4">{t('settings.https_proxy')}</p>
        <ol className="mt-2 flex list-decimal flex-col gap-1 pl-5">
          <li>{t('settings.https_1')}</li>
          <li>{t('settings.https_2')}</li>
          <li>{t('settings.https_3')}</li>
        </ol>
        <pre className="mt-2 overflow-x-auto rounded-lg bg-raised p-3" tabIndex={0}>
          {CADDY}
        </pre>
      </details>
    </Section>
  )
}

/** A phone warns of a certificate that nobody it knows has signed: it is told to trust the one who did. */
function Authority() {
  const { t } = useTranslation()
  return (
    <>
      <p>{t('settings.authority_hint')}</p>
      <a href={AUTHORITY} download className={buttonClass('plain', 'self-start')}>
        <ShieldCheck size={16} aria-hidden />
        {t('settings.authority')}
      </a>
    </>
  )
}

const AUTHORITY = '/api/access/authority.pem'

const OWN = `pip install 'auscult[https]'
auscult serve --https --host 0.0.0.0 --key-file keys.txt`

const CADDY = `ears.example {
    reverse_proxy 127.0.0.1:8000
}

auscult serve --key-file keys.txt --allow-host ears.example`

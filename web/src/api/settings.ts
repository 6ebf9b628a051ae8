import { answered, client } from './client'
import type { components } from './schema'

type Schemas = components['schemas']

export type SettingsInfo = Schemas['SettingsInfo']
export type SettingsChange = Omit<Schemas['SettingsChange'], 'revision'>
export type WeeklyHours = Schemas['WeeklyHours']
export type OneStretch = Schemas['OneStretch']
export type ChannelInfo = Schemas['ChannelInfo']
export type KeyInfo = Schemas['KeyInfo']
export type KeyScope = KeyInfo['scope']
export type BundleSensitivity = Schemas['BundleSensitivity']
export type SourceSensitivity = Schemas['SourceSensitivity']
export type WayInfo = Schemas['WayInfo']

export interface NpmPackage {
  name: string
  version: string
  licence: string
}

export const settingsApi = {
  get: () => answered(client.GET('/api/settings')),
  change: (revision: number, change: SettingsChange) =>
    answered(client.PATCH('/api/settings', { body: { revision, ...change } })),
  addChannel: (revision: number, address: string, always: boolean) =>
    answered(client.POST('/api/settings/notify', { body: { revision, address, always } })),
  removeChannel: (revision: number, channel: string) =>
    answered(
      client.DELETE('/api/settings/notify/{channel}', { params: { path: { channel }, query: { revision } } }),
    ),
  testChannel: (id: string) => answered(client.POST('/api/settings/notify/test', { body: { id } })),
  sensitivity: () => answered(client.GET('/api/settings/sensitivity')),
  keys: () => answered(client.GET('/api/keys')),
  makeKey: (name: string, scope: KeyScope) => answered(client.POST('/api/keys', { body: { name, scope } })),
  revokeKey: (key: string) => answered(client.DELETE('/api/keys/{key}', { params: { path: { key } } })),
  erase: (bundles: boolean) =>
    answered(client.DELETE('/api/everything', { body: { confirm: 'erase everything', bundles } })),
  access: () => answered(client.GET('/api/access')),
  diagnostics: () => answered(client.GET('/api/diagnostics')),
  about: () => answered(client.GET('/api/about')),
  /** What the page itself is made of, written when it was built. */
  npm: async (): Promise<NpmPackage[]> => {
    const answer = await fetch('/licences.json')
    const isThere = answer.ok && answer.headers.get('content-type')?.includes('json')
    return isThere ? ((await answer.json()) as NpmPackage[]) : []
  },
}

export function qrAddress(address: string): string {
  return `/api/access/qr.svg?${new URLSearchParams({ address }).toString()}`
}

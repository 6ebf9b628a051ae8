import { beforeEach, expect, test, vi } from 'vitest'

const shown: string[] = []
let asked = 0
let answer: NotificationPermission = 'granted'
let kept: Record<string, string> = {}

const FakeNotification = Object.assign(
  function (title: string) {
    shown.push(title)
  },
  {
    permission: 'default' as NotificationPermission,
    requestPermission: async () => {
      asked++
      FakeNotification.permission = answer
      return answer
    },
  },
)

async function started() {
  vi.resetModules()
  return import('../../src/app/notifications')
}

beforeEach(() => {
  shown.length = asked = 0
  answer = 'granted'
  kept = {}
  FakeNotification.permission = 'default'
  vi.stubGlobal('window', { Notification: FakeNotification, isSecureContext: true })
  vi.stubGlobal('Notification', FakeNotification)
  vi.stubGlobal('navigator', {})
  vi.stubGlobal('document', { visibilityState: 'hidden', documentElement: { lang: 'en' } })
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => {
      kept[key] = value
    },
  })
})

test('nothing is asked and nothing is told before it was chosen', async () => {
  const { notify, useNotifications } = await started()
  await notify('Anomaly', 'fan')
  expect([asked, shown, useNotifications.getState().isOn]).toEqual([0, [], false])
})

test('once it was chosen an event is told while the page is hidden, and only then', async () => {
  const { chooseNotifications, notify } = await started()
  await chooseNotifications(true)
  await notify('Anomaly', 'fan')
  vi.stubGlobal('document', { visibilityState: 'visible', documentElement: { lang: 'en' } })
  await notify('Another', 'fan')
  expect([asked, shown]).toEqual([1, ['Anomaly']])
  expect((await started()).useNotifications.getState().isOn).toBe(true)
})

test('a browser that refuses is believed, and taking it back asks nothing', async () => {
  answer = 'denied'
  const { chooseNotifications, useNotifications } = await started()
  await chooseNotifications(true)
  expect(useNotifications.getState()).toEqual({ isOn: false, isRefused: true })
  await chooseNotifications(false)
  expect([asked, useNotifications.getState()]).toEqual([1, { isOn: false, isRefused: false }])
})

/** Names for what the server answers; the types themselves are made from its schema. */

import type { components } from './schema'

type Schemas = components['schemas']

export type ClassInfo = Schemas['ClassInfo']
export type Inspection = Schemas['InspectionInfo']
export type PictureInfo = Schemas['PictureInfo']
export type WindowInfo = Schemas['WindowInfo']
export type DemoInfo = Schemas['DemoInfo']
export type EventDetail = Schemas['EventDetail']
export type EventInfo = Schemas['EventInfo']
export type ProblemInfo = Schemas['ProblemInfo']
export type Code = NonNullable<ProblemInfo['code']>
export type SourceInfo = Schemas['SourceInfo']
export type TrainRequest = Schemas['TrainRequest']
export type SmallForm = Schemas['ExportRequest']['form']
export type CollectionInfo = Schemas['CollectionInfo']
export type CheckInfo = Schemas['CheckInfo']
export type ClassShare = Schemas['ClassShare']
export type HistogramInfo = Schemas['HistogramInfo']
export type FamilyInfo = Schemas['FamilyInfo']
export type SettingInfo = Schemas['SettingInfo']
export type Label = NonNullable<EventInfo['label']>

/** Why an event was told: where in time and frequency it differs from normal, and how. */
export interface Explanation {
  low_hz: number
  high_hz: number
  start_s: number
  end_s: number
  text: string
  kinds: string[]
  change_db: number | null
  level_change_db: number | null
  nearest: { recording: string; start_s: number; end_s: number; distance: number } | null
}

/** The picture of an event's sound: levels of bands, frame by frame, and by how much they are off. */
export interface Evidence {
  bands_hz: number[]
  start_s: number
  hop_s: number
  level_db: number[][]
  anomaly_map: number[][] | null
}

export function explanationOf(event: { explanation: object | null }): Explanation | null {
  return event.explanation as Explanation | null
}

export function evidenceOf(event: Pick<EventDetail, 'evidence'>): Evidence | null {
  const evidence = event.evidence as Evidence | null
  return evidence && evidence.level_db.length > 0 ? evidence : null
}

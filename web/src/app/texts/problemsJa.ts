import type { Code } from '../../api/types'

/** What happened, what is needed, what to do. */
export type Beats = Record<'what' | 'expected' | 'action', string>

/** The server's errors in Japanese, by their codes; in English the server's own words are shown. */
export const problemsJa: Record<Code, Beats> = {
  audio_damaged: {
    what: '{{name}} は途中で切れているか、壊れています。',
    expected: '最後まで揃った録音',
    action: 'もう一度コピーするか、録音し直してください。',
  },
  audio_empty: {
    what: '{{name}} には音のデータが入っていません。',
    expected: '数秒以上の音',
    action: 'このファイルを除くか、録音し直してください。',
  },
  audio_long: {
    what: '{{name}} は長すぎます。',
    expected: '{{most_minutes}} 分までの録音',
    action: '必要な部分を切り出してください。',
  },
  audio_short: {
    what: '{{name}} は {{seconds}} 秒しかありません。',
    expected: '{{least_s}} 秒以上の音',
    action: 'このファイルを除くか、もっと長く録音してください。',
  },
  audio_silent: {
    what: '{{name}} からは使える音が聞こえません。無音か、音が割れています。',
    expected: '機械の音',
    action: 'マイクを確かめて、録音し直してください。',
  },
  audio_unreadable: {
    what: '{{name}} は音として読めません。',
    expected: 'WAV、FLAC、OGG、MP3、AIFF、M4A、WebM のいずれか',
    action: '録音かどうか確かめてください。録音であれば FLAC に変換してください。',
  },
  json_broken: {
    what: '{{name}} は JSON として読めません({{line}} 行目、{{column}} 文字目)。',
    expected: 'UTF-8 の JSON',
    action: 'その箇所を直すか、書き出し直してください。',
  },
  json_empty: {
    what: '{{name}} には波形が 1 つもありません。',
    expected: '1 つ以上の波形',
    action: '書き出し直してください。',
  },
  json_fields: {
    what: '{{name}} には必要な項目がありません:{{missing}}。',
    expected: 'waveforms、labels、fs の 3 項目(metric はなくても構いません)',
    action: '項目名を合わせるか、書き出し直してください。',
  },
  json_labels: {
    what: '{{name}} では波形が {{waveforms}} 個、ラベルが {{labels}} 個で、数が合いません。',
    expected: '波形と同じ順番の、波形ごとに 1 つのラベル',
    action: '書き出し直してください。どの波形のラベルかは推測できません。',
  },
  json_rate: {
    what: '{{name}} の fs は使えない値です。',
    expected: '1 秒あたりのサンプル数(整数)',
    action: '録音したときのサンプリング周波数を Hz で書いてください。例:44100',
  },
  json_slow: {
    what: '{{name}} を {{seconds}} 秒以内に読み終えられませんでした。',
    expected: 'その時間で読める大きさのファイル',
    action: 'いくつかのファイルに分けてください。',
  },
  collection_gone: {
    what: '集めた音はもうサーバーにありません。',
    expected: 'サーバーに残っている音',
    action: 'もう一度、録音するかファイルを追加してください。',
  },
  collection_in_use: {
    what: 'この音は学習に使われています。',
    expected: 'どの学習にも使われていない音',
    action: '学習を中止するか、終わるまで待ってください。',
  },
  disk_full: {
    what: 'サーバーのディスクに空きがありません。',
    expected: 'ディスクの空き容量',
    action: 'サーバーで不要なものを消すか、--data-dir で別の場所を選んでください。',
  },
  disk_failed: {
    what: 'サーバーのディスクに書き込めませんでした。',
    expected: '書き込めて、空きのあるディスク',
    action: 'もう一度お試しください。',
  },
  files_too_many: {
    what: 'ファイルが多すぎて、{{name}} を追加できません。',
    expected: '{{most}} 個までのファイル',
    action: '短い録音をつなげるか、一部だけを選んでください。',
  },
  sound_too_much: {
    what: '{{name}} を加えると、音の量が上限を超えます。',
    expected: '全体で {{most_gib}} GiB まで',
    action: 'ここまでの音で学習するか、ファイルを減らしてください。',
  },
  recording_gone: {
    what: '録音した音はもうサーバーにありません。',
    expected: '録音してから 10 分以内の音',
    action: 'もう一度録音してください。',
  },
  erased_meanwhile: {
    what: 'その間に、すべてが消去されました。',
    expected: '消去されていない音',
    action: 'もう一度録音してください。',
  },
  recording_short: {
    what: '録音は {{seconds}} 秒しかありません。',
    expected: '{{least_s}} 秒以上(できれば 1 分以上)の録音',
    action: 'もっと長く録音してください。',
  },
  all_struck_out: {
    what: 'すべての秒が除かれています。',
    expected: '学習に使う秒がいくつか残っていること',
    action: '一部を戻すか、録音し直してください。',
  },
  no_normal_class: {
    what: '正常とされた分類が 1 つもありません。',
    expected: '正常の分類が 1 つ以上',
    action: 'どれが正常かを選んでください。',
  },
  no_sound: {
    what: '学習する音がありません。',
    expected: '1 つ以上の録音',
    action: '先に音を追加してください。',
  },
  data_none: {
    what: '学習に使える正常音がありません。',
    expected: '機械が正常に動いている音を 30 秒以上',
    action: '正常な音を録音して追加するか、どの分類が正常かを選んでください。',
  },
  data_same: {
    what: '{{n}} 個の録音がすべて同じ音です。',
    expected: '別々のときに録音した音',
    action: '同じファイルを繰り返さず、機械の音そのものを録音してください。',
  },
  data_short: {
    what: '正常音が {{seconds}} 秒しかありません。',
    expected: '数秒ずつの別々の録音をいくつか、または 30 秒以上の録音を 1 つ',
    action: 'もっと長く録音してください。1 分以上、誤報の少なさを見積もるには 1 時間が目安です。',
  },
  job_broke_down: {
    what: '処理中のプログラムが異常終了しました(終了コード {{exit}})。',
    expected: '最後まで終わること',
    action: 'もう一度お試しください。音は残っています。詳しくはサーバーの出力をご覧ください。',
  },
  job_disk: {
    what: 'ファイルの読み書きか、処理の開始に失敗しました。',
    expected: 'ディスクとメモリの空き',
    action: '空きを作ってから、もう一度お試しください。',
  },
  job_ended_outside: {
    what: '処理中のプログラムが外から終了させられました({{signal}})。',
    expected: '途中で止められないこと',
    action: '誰かが止めたか、機械のメモリが足りなくなりました。もう一度お試しください。音は残っています。',
  },
  job_gone: {
    what: 'この処理はもうサーバーにありません。',
    expected: 'サーバーが再起動する前の処理ではないこと',
    action: 'もう一度始めてください。',
  },
  job_memory: {
    what: 'メモリが足りず、処理を終了しました。',
    expected: 'より少ない音、または小さい設定',
    action: '音を減らすか、バッチサイズなどの設定を小さくしてください。',
  },
  job_slow: {
    what: '{{minutes}} 分を超えたため、処理を終了しました。',
    expected: 'より少ない音、または小さい設定',
    action: '一度に使う音を減らすか、サーバーの AUSCULT_MAX_JOB_S を延ばしてください。',
  },
  jobs_waiting: {
    what: '待っている処理がすでにたくさんあります。',
    expected: '一度に数件まで',
    action: '終わるのを待つか、どれかを中止してください。',
  },
  bundle_active: {
    what: '「{{name}}」は使用中のモデルです。',
    expected: '使われていないモデル',
    action: '先に別のモデルに切り替えてください。',
  },
  bundle_broken: {
    what: 'このファイルはモデルとして使えません。',
    expected: 'Auscult が書き出した、完全で変更されていないモデル',
    action: '作った場所からもう一度コピーするか、学習し直してください。',
  },
  bundle_embeds: {
    what: 'このモデルは音の特徴を取り出すだけで、正常音をまだ学習していません。',
    expected: '正常音を学習したモデル',
    action: 'これを使って学習してください:auscult learn フォルダー --embedder ファイル -o 出力.onnx',
  },
  bundle_gone: {
    what: 'このモデルはもうサーバーにありません。',
    expected: '一覧にあるモデル',
    action: 'モデルの一覧を見直してください。',
  },
  bundle_in_use: {
    what: '「{{name}}」は音源「{{by}}」が使っています。',
    expected: '使われていないモデル',
    action: '先にその音源のモデルを変えてください。',
  },
  bundle_large: {
    what: 'ファイルが大きすぎます。',
    expected: '{{most_mib}} MiB まで',
    action: '選んだファイルが正しいか確かめてください。',
  },
  bundle_newer: {
    what: 'このモデルは、より新しい Auscult で作られています。',
    expected: 'この Auscult が読める形式のモデル',
    action: 'Auscult を更新してください:pip install -U auscult',
  },
  bundle_no_allowing: {
    what: 'このモデルには、音の許可を加えられません。訓練されたネットワークか、小さくしたモデルです。',
    expected: 'ネットワークなしで学習したモデル',
    action: '元のモデルで許可してから小さくし直すか、その音を正常音に加えて学習し直してください。',
  },
  bundle_no_limits: {
    what: 'このモデルにはしきい値がないため、警報を出しません。',
    expected: 'しきい値のあるモデル',
    action: 'もっと多くの正常音から学習し直してください。',
  },
  bundle_no_layers: {
    what: 'このモデルは内部の層を見せられません。',
    expected: '解析用のモデル',
    action: '--inspect を付けて訓練し、できた inspect.onnx を使ってください。',
  },
  bundle_none: {
    what: '判定できるモデルがまだありません。',
    expected: 'このサーバーにあるモデル',
    action: '先に正常音を学習するか、モデルを追加してください。',
  },
  bundle_none_active: {
    what: '使用中のモデルがありません。',
    expected: '使用中のモデルが 1 つ',
    action: 'モデルを選んでください。',
  },
  bundle_none_earlier: {
    what: '戻せる前のモデルがありません。',
    expected: '前に使っていて、まだ残っているモデル',
    action: '使いたいモデルを選んでください。',
  },
  bundle_not_followed: {
    what: 'このモデルは、ほかのモデルに代わったものではありません。',
    expected: '音の許可、または新しい正常の学習でできたモデル',
    action: 'すでに元に戻されたのかもしれません。一覧を見直してください。',
  },
  bundle_replaced: {
    what: 'その間に「{{name}}」がこのモデルに代わっています。',
    expected: '最新のモデル、または今も許可されている音',
    action: '先に、あとから加えられた変更を元に戻すか、前のモデルに切り替えてください。',
  },
  bundle_small_already: {
    what: '「{{name}}」はすでに小さくしたモデルです。',
    expected: '学習したままのモデル',
    action: '元のモデルから作ってください。',
  },
  bundles_full: {
    what: 'モデルの数が上限に達しています。',
    expected: '{{most}} 個まで',
    action: '使わないモデルを消してください。',
  },
  going_on_impossible: {
    what: 'このモデルは学習を続けられません。',
    expected: 'ネットワークなしで学習したモデル',
    action: '正常音から学習してください。',
  },
  allow_no_alarm: {
    what: '今のモデルでは、この音は警報になりません。',
    expected: '警報になる音',
    action: '何もしなくてかまいません。',
  },
  allowed_full: {
    what: '許可した音の数が上限({{most}})に達しています。増やすほど、異常に気づきにくくなります。',
    expected: 'より少ない許可',
    action: 'その音を正常音に加えて学習し直してください。',
  },
  event_clip_gone: {
    what: 'このイベントの音は残っていません。',
    expected: '音が残っているイベント',
    action: '音は、設定で保存を有効にしたあとのものから残ります。',
  },
  event_gone: {
    what: 'このイベントはもうありません。',
    expected: '一覧にあるイベント',
    action: 'イベントの一覧を見直してください。',
  },
  event_no_drift: {
    what: 'このイベントには、学習に使えるものが残っていません。',
    expected: '最近の、音の変化が続いているという知らせ',
    action: '正常音を録音して学習してください。',
  },
  event_unheard: {
    what: 'このイベントの音も、その聞こえ方の記録も残っていません。',
    expected: '音か、聞こえ方の記録が残っているイベント',
    action: '古すぎるか、別の機械から届いたか、ネットワークが判定したものです。その音を学習してください。',
  },
  heard_otherwise: {
    what: 'この音は、今のモデルとは違う聞き方で記録されています。',
    expected: '記録したときと同じ聞き方のモデル',
    action: '記録したときのモデルに切り替えるか、もう一度聞こえるまで待ってください。',
  },
  normal_none: {
    what: 'このモデルには、聞いて比べられる普段の音が残っていません。',
    expected: '人の声が入っていない音から学習したモデル',
    action:
      '人の声が入っているかもしれない音の代わりに、雑音が残されています。声のしないときに学習し直してください。',
  },
  channel_inner: {
    what: 'この通知先は、この機械の中を指しているか、見つかりません。',
    expected: '別の機械の https://…、mqtt://ホスト/トピック、apprise:URL',
    action: 'サーバーを起動する人が --notify で指定できます。',
  },
  channel_wrong: {
    what: 'この通知先は使えません。',
    expected: 'https://…、mqtt://ホスト/トピック、apprise:URL のいずれか',
    action: 'アドレスを直してください。',
  },
  channel_there: {
    what: 'この通知先はすでにあります。',
    expected: '別の通知先',
    action: 'その通知先を試してください。',
  },
  channels_full: {
    what: '通知先の数が上限に達しています。',
    expected: '{{most}} 個まで',
    action: '使わない通知先を消してください。',
  },
  key_there: {
    what: '「{{name}}」という名前のキーはすでにあります。',
    expected: 'ほかと重ならない名前',
    action: '別の名前を選んでください。',
  },
  keys_full: {
    what: 'キーの数が上限に達しています。',
    expected: '{{most}} 個まで',
    action: '使わないキーを取り消してください。',
  },
  setting_fixed: {
    what: 'この設定は、サーバーの起動時に決められています。',
    expected: '起動時に決められていない設定',
    action: 'ここで変えるには、その指定なしでサーバーを起動してください。',
  },
  settings_changed: {
    what: 'その間に、設定がほかで変更されました。',
    expected: '最新の設定',
    action: '今の設定を確かめてから、もう一度変更してください。',
  },
  source_gone: {
    what: 'この音源はもうありません。',
    expected: '一覧にある音源',
    action: '音源の一覧を見直してください。',
  },
  demo_not_running: {
    what: 'デモの機械は動いていません。',
    expected: '動いているデモの機械',
    action: 'デモを始めてください。',
  },
  webhook_secret: {
    what: 'Webhook の秘密の文字列が正しくありません。',
    expected: 'whsec_ に続く base64、または任意の文字列',
    action: 'もう一度コピーしてください。',
  },
  busy: {
    what: 'サーバーは今、ほかの処理で手いっぱいです。',
    expected: '一度に少しずつ',
    action: '少し待ってから、もう一度お試しください。',
  },
  foreign_page: {
    what: '別のページから、またはサーバーのものではない名前で呼び出されました。',
    expected: 'このサーバーのページ、またはそのアドレス',
    action: 'http://localhost とポート番号で開いてください。ほかの名前は --allow-host で許可できます。',
  },
  key_missing: {
    what: 'この操作にはキーが必要です。',
    expected: 'このサーバーのキー',
    action: 'サーバーに渡されたキーを入力してください。',
  },
  key_unknown: {
    what: 'このキーは使えません。',
    expected: 'このサーバーのキー',
    action: 'キーを確かめてください。',
  },
  keys_tried: {
    what: 'このアドレスから、間違ったキーが何度も送られました。',
    expected: '正しいキー',
    action: '1 分待ってください。',
  },
  not_found: {
    what: '探しているものはもうありません。',
    expected: '一覧にあるもの',
    action: '一覧を見直してください。',
  },
  part_missing: {
    what: 'この機能には、Auscult の追加部分が必要です。',
    expected: 'auscult[{{extra}}]',
    action: "サーバーでインストールしてください:pip install 'auscult[{{extra}}]'",
  },
  request_invalid: {
    what: '入力した内容に誤りがあります。',
    expected: '/docs に書かれた形',
    action: '内容を直して、もう一度お試しください。',
  },
  request_large: {
    what: '送った内容が大きすぎます。',
    expected: '{{most_mib}} MiB まで',
    action: '小さく分けて送ってください。',
  },
  request_slow: {
    what: '送信が遅すぎて、打ち切られました。',
    expected: '途切れない接続',
    action: 'より良い接続で、もう一度送ってください。',
  },
  scope_missing: {
    what: 'このキーではこの操作はできません(権限:{{has}})。',
    expected: '権限が {{wanted}} のキー',
    action: 'サーバーの管理者に別のキーを頼んでください。',
  },
  server_failed: {
    what: 'サーバーで予期しない失敗が起きました。',
    expected: '正常な応答',
    action:
      'もう一度お試しください。続くようなら、サーバーの出力にある {{id}} の行を添えて知らせてください。',
  },
}

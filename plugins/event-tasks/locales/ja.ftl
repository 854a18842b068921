# イベントの一覧
events-title = イベント
which-events = 表示するイベント
coming-events = これからのイベント
past-events = これまでのイベント
all-events = イベントの一覧を見る
no-events = これからのイベントはまだありません。
no-past-events = これまでのイベントはありません。
sign-in-for-events = 会員の方は、ログインすると会員限定のイベントもご覧いただけます。
sign-in = ログイン
breadcrumbs = 現在の場所
pages = ページの移動
more = 続きを見る
back = 戻る
cancel = やめる
save = 保存する
edit = 編集
copy = コピーする
delete = 削除
remove = 外す
add = 追加する
office = 事務局
former-member = 退会した会員
until = 〜
weekday = { $day ->
    [1] （月）
    [2] （火）
    [3] （水）
    [4] （木）
    [5] （金）
    [6] （土）
   *[other] （日）
}
draft = 下書き
called-off = 中止
full = 満席
places-left = 残り{ $count }名
waiting-count = キャンセル待ち { $count }件
amount-yen = { $amount }円
amount-other = { $amount } { $currency }

# イベントのページ
when = 日時
where = 場所
place-private = 参加が確定した方にお知らせします
place-open = 後日お知らせします
price = 参加費
price-each = （お一人あたり）
free = 無料
capacity = 定員
capacity-count = { $count }名
register-until = 申し込みの締め切り
withdraw-until = 取り消しの締め切り
register-title = 申し込み
register = 申し込む
register-full-note = 満席のため、キャンセル待ちを受け付けています。席が空くと、待っている順に自動で参加が確定し、メールでお知らせします。
wait = キャンセル待ちに入る
to-form = 申し込みフォームへ進む
form-note = 申し込みには、フォーム「{ $title }」への回答が必要です。送信すると、この画面に戻り、申し込みの結果が表示されます。
form-begun-note = フォームを送信された方は、まもなくここに結果が表示されます。まだの方は、もう一度「申し込みフォームへ進む」を押して続けてください。
form-answered-note = フォームには前回お申し込みのときにご回答いただいていますので、その内容をそのまま使います。
form-closed-note = 申し込みのフォームが受け付けを停止しているため、いまは申し込めません。事務局へお問い合わせください。
form-refused-note = フォームの回答は受け取りましたが、申し込みは確定していません。{ $reason }
companions = お連れの人数
companions-hint = ご本人のほかに{ $count }名まで。お連れの方も定員に数えます。
you-are-registered = 参加が確定しています
you-wait = キャンセル待ちです
you-wait-note = いまは{ $number }番目です。席が空くと、待っている順に自動で参加が確定し、メールでお知らせします。
with-companions = お連れ { $count }名
own-total = 参加費の合計：{ $amount }
pay-by-invoice = マイページの請求書からお支払いください
pay-at-the-door = 当日会場でお支払い
to-calendar = カレンダーに入れる（ICSファイル）
for-staff = 事務局用
draft-note = このイベントはまだ公開していません。
called-off-note = このイベントは中止になりました。
begun-note = このイベントの申し込みは終了しました。
closed-note = 申し込みは締め切りました。
sign-in-note = 申し込むにはログインしてください。
not-invited-note = このイベントに申し込めるのは、対象の会員の方だけです。
no-member-note = 申し込めるのは会員の方だけです。
already-registered = すでに申し込まれています。
more-than-capacity = 定員を超える人数では申し込めません。
companions-too-many = お連れの人数が多すぎます。上の説明にある人数までにしてください。
activity-registered = イベント「{ $title }」に申し込みました

# 取り消し
withdraw = 申し込みを取り消す
withdraw-title = 申し込みの取り消し
withdraw-question = 「{ $title }」の申し込みを取り消します。よろしいですか。
withdraw-note = 席が満席のときは、キャンセル待ちの方に譲られます。
withdraw-billed = 参加費の請求も取り消されます。
withdraw-paid = お支払い済みの参加費の返金は、事務局からご連絡します。
withdraw-yes = 取り消す
withdrawal-closed = 取り消しの締め切りを過ぎています。ご都合が悪くなったときは、事務局へご連絡ください。

# マイページ
my-events = 申し込んだイベント
my-events-none = いま申し込んでいるイベントはありません。
rate-this-year = 今年の参加率：{ $percent }%（{ $registered }回の申し込みのうち{ $attended }回参加）
rate-last-year = 昨年の参加率：{ $percent }%（{ $registered }回の申し込みのうち{ $attended }回参加）

# 管理：イベント
admin-title = イベントの管理
no-events-yet = これからのイベントはありません。「イベントを作る」から始めてください。
new-event-title = イベントを作る
edit-event-title = イベントの編集
edit-named = 「{ $title }」を編集
participants-named = 「{ $title }」の参加者
registered-count = 申し込み { $count }件
registered-of = 申し込み { $count }件（定員{ $capacity }名）
attended-rate = 参加 { $count }件（{ $percent }%）
edit-overtaken = 編集中に、ほかの人が内容を更新しました。入力された内容はそのまま残っています。確かめてから、もう一度保存してください。
publish = 公開する
call-off = 中止にする
call-off-title = イベントの中止
call-off-question = 「{ $title }」を中止にします。元に戻すことはできません。よろしいですか。
call-off-people = 申し込んでいる会員（{ $count }件）の申し込みを取り消し、全員にメールで知らせます。
call-off-yes = 中止にする
not-published = 公開中のイベントではないため、できませんでした。
delete-title = 下書きの削除
delete-question = 「{ $title }」の下書きを、準備タスクと一緒に削除します。よろしいですか。
delete-not-draft = 公開したイベントは削除できません。開催しないときは中止にしてください。
delete-yes = 削除する
title = タイトル
starts-at = 開始
ends-at = 終了
ends-at-hint = 空のときは、開始の2時間後になります。
zone-hint = 日時は { $zone } の時刻で入力します。例：2026-12-24 18:00
place = 場所
place-hint = 会場の名前や住所、オンラインのときは https:// で始まるリンク。
place-is-private = 場所は、参加が確定した会員にだけ見せる
description = 説明
description-hint = 空行で段落を区切れます。**太字**、箇条書き（行頭に -）、リンクも使えます。
who-registers = 申し込み
form = 申し込みフォーム
form-hint = 選ぶと、会員はこのフォームに回答して申し込みます。フォームは「管理トップ」→「フォーム」で、「追加機能で使う」を選んで作ります。
form-none = 使わない（ボタンだけで申し込む）
form-is-closed = （受付停止中）
gate = 申し込める会員
gate-members = すべての会員
gate-tiers = 会員ランクで限る
gate-labels = タグで限る
gate-segments = 絞り込みリストで限る
gate-keys = 会員ランク、タグ、絞り込みリストのURL名
gate-keys-hint = 「…で限る」を選んだときに入力します。複数あるときは「,」で区切ってください。例：gold, silver
is-public = 申し込めない人にもイベントの案内を見せる
capacity-hint = お連れの方を含む人数。空のときは、定員を設けません。満席になるとキャンセル待ちを受け付けます。
companions-most = お連れの人数の上限
companions-most-hint = 会員1人が連れてこられる人数。0 のときは本人だけです。
deadline-hint = 空のときは、開始の時刻までです。
price-usual = 通常の参加費（お一人あたり）
price-hint = { $currency } の金額。0 のときは無料です。請求書の発行が許可されているときは、申し込みと同時に請求します。
tier-prices = 会員ランクごとの参加費
tier-prices-hint = 通常と違うランクだけを、1行に1つずつ「ランクのURL名=金額」と書きます。例：gold=2000
kind = イベントの種類（タスクのひな型）
kind-hint = 選ぶと、ひな型のタスクがこのイベントの準備ボードに入ります。
kind-none = 選ばない
save-draft = 下書きとして保存する

# 管理：当日スケジュール
timetable-title = 当日スケジュール
timetable-empty = まだ予定がありません。受付や開演などを、時刻の順に入れてください。
timetable-full = 予定は100個まで入れられます。
add-session = 予定を追加
session-title = 予定の編集
session-name = 内容
session-for-staff = 事務局だけに見せる
remove-named = 「{ $title }」を外す

# 管理：参加者
participants-title = 参加者
state-registered = 参加確定
state-waiting = キャンセル待ち
state-cancelled = 取り消し
taken-of = 席：{ $count }名 / 定員{ $capacity }名
visits = これまでの参加
visits-of = { $count }回中{ $came }回
attended-count = 参加した人：{ $count }件
no-participants = 該当する申し込みはありません。
add-participant = 参加者を追加
export = CSVをダウンロード
action = 操作
cancel-registration = 取り消す
cancel-registration-named = { $name }さんの申し込みを取り消す
to-refund-lead = 参加費を支払ったあとにキャンセルになった人がいます。請求を取り消すと、支払われた金額は会員の預かり金になり、「請求・入金」の「入金」の画面でまとめて返金できます。
take-all-back = 支払い済みの人の請求をまとめて取り消す
take-all-back-begun = 請求を取り消しています。済んだものから「請求取り消し済み」になります。返金は「請求・入金」の「入金」の画面で行ってください。
take-back-invoice = 請求を取り消す
take-back-invoice-question = 請求を取り消すと、支払われた金額は会員の預かり金になります。返金は請求・入金の画面で行ってください。
payment-billed = 請求中
payment-paid = 支払い済み
payment-to-refund = 要返金
payment-taken-back = 請求取り消し済み
member-name = 会員の名前
find = 探す
nobody-found = その名前の会員は見つかりませんでした。
more-found = ほかにも見つかりました。名前をもう少し長く入力してください。
beyond-capacity = 定員を超えても確定する
register-named = { $name }さんを申し込む
answer = 回答
see-answer = 回答を見る
answer-of = { $name }さんの回答を見る
csv-name = 名前
csv-tier = 会員ランク
csv-state = 状態
csv-companions = お連れ
csv-at = 申し込み日時
csv-attended = 出欠
csv-total = 参加費
csv-payment = 支払い
csv-cut = 件数が多いため、ここで区切りました。

# 出欠
attendance-title = 出欠の記録
attendance-counts = 申し込み { $registered }件、参加 { $came }件、欠席 { $away }件
came = 参加
stayed-away = 欠席
take-back = 戻す
came-named = { $name }さんは参加
stayed-away-named = { $name }さんは欠席
take-back-named = { $name }さんの記録を戻す
and-companions = ＋{ $count }名
rest-came = 残りの全員を「参加」にする
rest-came-question = このページで、まだ記録のない全員を「参加」にします。よろしいですか。

# 参加状況
rates-title = 参加状況
rates-year = { $year }年
rate = 参加率
kind-other = 種類なし
all = 合計

# 準備タスク
tasks = 準備タスク
overview-title = 準備タスクの状況
board-title = 「{ $event }」の準備タスク
progress = { $all }件中 { $done }件完了
no-tasks = タスクはまだありません。
overdue = 期限切れ
overdue-count = 期限切れ { $count }件
overdue-title = 期限を過ぎたタスク
more-overdue = ほかにもあります。準備タスクの状況を見る
even-more-overdue = ほかにもあります。各イベントのボードをご覧ください。
to-overview = 準備タスクの状況を見る
load-title = 担当ごとの件数
open-tasks = 未完了
owner = 担当
owner-hint = 事務局で呼び合う名前を入力してください。前に入力した名前が候補に出ます。
no-owner = 担当なし
state = 状態
todo = 未着手
doing = 進行中
done = 完了
dropped = 取りやめ
move-todo = 未着手へ
move-doing = 進行中へ
move-done = 完了へ
move-dropped = 取りやめへ
column-empty = ありません
board-empty = まだタスクがありません。上の欄から追加するか、ひな型を取りこんでください。
board-full = 1つのイベントのタスクは500件までです。
add-task = タスクを追加
task-title = タスク
unplanned = 追加
due = 期限
due-none = 期限なし
due-before = 開催日の何日前かで決める
due-fixed = 日付で決める
due-date = 期限の日付
due-on = 期限 { $date }
days-before = 開催の何日前
days-before-hint = 例：14。終わったあとの作業は -7 のように入力します（7日後）。
days-before-event = 開催の{ $days }日前
days-after-event = 開催の{ $days }日後
tell-staff = 急ぎ：準備タスクの担当者全員にメールで知らせる
apply-list = ひな型
apply = 取りこむ
list-applied =
    { $count ->
        [0] ひな型のタスクは、すべてこのボードに入っています。
       *[other] ひな型から{ $count }件のタスクを追加しました。
    }
note = メモ
back-to-board = ボードへ戻る
comments = コメント
comment-count = コメント { $count }件
comment = コメントを書く
comment-by = お名前
write-comment = 書きこむ
comments-full = 1つのタスクのコメントは200件までです。

# タスクのひな型
lists-title = タスクのひな型
lists-lead = イベントの種類ごとに、いつもの準備をひな型にしておけます。イベントを作るときに選ぶと、タスクが自動で入ります。
no-lists = まだひな型がありません。
new-list = ひな型を作る
list-name = イベントの種類
list-name-hint = 例：講演会、バスツアー
list-empty = まだタスクがありません。下の欄から追加してください。
list-full = 1つのひな型のタスクは100件までです。
lists-full = ひな型は50個まで作れます。
list-taken = 同じ名前のひな型があります。
task-count = タスク { $count }件
rename = 名前を変える
delete-list-title = ひな型の削除
delete-list-question = ひな型「{ $name }」を削除します。イベントに入っているタスクはそのまま残ります。よろしいですか。

# 入力の誤り
title-missing = 入力してください。
title-too-long = 80文字以内で入力してください。
place-too-long = 300文字以内で入力してください。
description-too-long = 10,000文字以内で入力してください。
note-too-long = 2,000文字以内で入力してください。
owner-too-long = 40文字以内で入力してください。
comment-missing = コメントを入力してください。
time-malformed = 日付と時刻を入力してください。例：2026-12-24 18:00
end-before-start = 終了は、開始よりあとにしてください。
deadline-after-start = 締め切りは、開始の時刻までにしてください。
capacity-malformed = 定員は1以上の数で入力してください。
companions-malformed = 人数は0から20までの数で入力してください。
price-malformed = 金額は0以上の整数で入力してください。
tier-prices-malformed = 1行に1つ「ランクのURL名=金額」の形で入力してください。例：gold=2000
gate-missing = 申し込める会員を選んでください。
gate-keys-missing = 会員ランク、タグ、または絞り込みリストのURL名を入力してください。
gate-keys-malformed = URL名は、半角の英小文字・数字・ハイフン（-）で入力してください。
date-malformed = 日付を入力してください。例：2026-12-24
days-malformed = 日数を -365 から 365 までの数で入力してください。
state-missing = 状態を選んでください。

# メール
mail-when = { $year }年{ $month }月{ $day }日{ $weekday ->
    [1] （月）
    [2] （火）
    [3] （水）
    [4] （木）
    [5] （金）
    [6] （土）
   *[other] （日）
} { $time }
mail-registered-subject = 「{ $title }」への参加が確定しました
mail-registered-text =
    「{ $title }」への参加が確定しました。

    日時：{ mail-when }
    場所：{ $has_place ->
        [yes] { $place }
       *[other] 後日お知らせします
    }

    ご都合が悪くなったときは、次のページから取り消してください。
    { $base }/events/{ $event }
mail-waiting-subject = 「{ $title }」のキャンセル待ちを受け付けました
mail-waiting-text =
    「{ $title }」（{ mail-when }）のキャンセル待ちを受け付けました。
    席が空くと、待っている順に自動で参加が確定し、メールでお知らせします。

    { $base }/events/{ $event }
mail-promoted-subject = 席が空き、「{ $title }」への参加が確定しました
mail-promoted-text =
    キャンセル待ちをされていた「{ $title }」に席が空き、参加が確定しました。

    日時：{ mail-when }
    場所：{ $has_place ->
        [yes] { $place }
       *[other] 後日お知らせします
    }

    ご都合が悪くなったときは、お早めに次のページから取り消してください。次の方に席が譲られます。
    { $base }/events/{ $event }
mail-not-registered-subject = 「{ $title }」への申し込みは確定していません
mail-not-registered-text =
    「{ $title }」（{ mail-when }）の申し込みフォームにご回答いただきましたが、申し込みは確定していません。
    { $reason }

    { $base }/events/{ $event }
mail-cancelled-subject = 「{ $title }」への申し込みが取り消されました
mail-cancelled-text =
    「{ $title }」（{ mail-when }）への申し込みを、{ $organisation }の事務局が取り消しました。
    お心当たりがないときは、事務局へご連絡ください。

    { $base }/events/{ $event }
mail-called-off-subject = 「{ $title }」は中止になりました
mail-called-off-text =
    お申し込みいただいた「{ $title }」（{ mail-when }）は、中止になりました。
    申し込みは取り消されています。お支払い済みの参加費があるときは、事務局から返金についてご連絡します。

    { $base }/events/{ $event }
mail-reminder-subject = 「{ $title }」の開催が近づきました
mail-reminder-text =
    お申し込みいただいた「{ $title }」の開催が近づきました。

    日時：{ mail-when }
    場所：{ $has_place ->
        [yes] { $place }
       *[other] 後日お知らせします
    }

    ご都合が悪くなったときは、次のページから取り消してください。
    { $base }/events/{ $event }
mail-overdue-subject = 期限を過ぎた準備タスクが{ $count }件あります
mail-overdue-text =
    期限を過ぎたイベントの準備タスクが{ $count }件あります。

    { $tasks }

    { $base }/tasks
mail-task-added-subject = 急ぎのタスク：{ $task }
mail-task-added-text =
    「{ $title }」に急ぎのタスクが加わりました。

    { $task }
    担当：{ $has_owner ->
        [yes] { $owner }
       *[other] まだ決まっていません
    }

    { $base }/tasks/of/{ $event }

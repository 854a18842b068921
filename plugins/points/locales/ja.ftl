# 残高と履歴
card-title = ポイント
points-count = { $points }ポイント
of-these-limited = うち期間限定 { $points }ポイント
of-these-paid = うち有償 { $points }ポイント
expires-next = { $on }までに使わないと { $points }ポイントが失効します
to-history = 履歴を見る
history-title = ポイントの履歴
no-member = 会員として登録されていないため、ポイントはありません。
balance = 残高
expiries-title = 有効期限
expiry = { $on }まで：{ $points }ポイント
limited = 期間限定
paid = 有償
entries-title = 履歴
no-entries = まだ履歴がありません。
entry-granted = 付与
entry-spent = 利用
entry-expired = 失効
entry-adjusted = 事務局による調整
entry-given-back = 利用の取り消し
entry-taken-back = 付与の取り消し
entry-reason = ：{ $reason }
balance-after = 残高 { $points }
valid-until = 有効期限 { $on }
lost-expired = 期限切れで戻らなかった分 { $points }
lost-spent = すでに使われていて取り消せなかった分 { $points }
pages = ページの移動
newest = 最新の履歴へ
older = さらに古い履歴
breadcrumbs = 現在の場所
cancel = やめる

# 会員のポイント（事務局）
admin-title = ポイントの管理
members-title = 会員のポイント
no-members = まだ会員がいません。
nameless = （表示名なし）
tier-is = 会員ランク：{ $tier }
first-page = 最初のページへ
more = 続きを見る
balance-of = { $name }さんの残高：{ $points }ポイント
adjust-title = ポイントを調整する
adjust = 調整する
direction = 調整の種類
direction-add = 増やす（付与）
direction-remove = 減らす（取り消し）
points = ポイント
reason = 理由
reason-hint = 会員の履歴に表示されます。60文字以内でお書きください。
when-adding = 増やすとき
expires-on = 有効期限
expires-on-hint = この日まで使えます。空のときは期限なしになります。
is-limited = 期間限定ポイントにする
is-paid = 有償ポイントにする（代金を受け取って発行するとき）
is-paid-hint = 有償ポイントの有効期限は、{ $on }まで（発行の日から6か月以内）にしてください。
adjust-overtaken = 入力中に、この会員のポイントが変わりました。下の残高を確かめてから、もう一度送信してください。入力された内容はそのまま残っています。
counter-title = 窓口でポイントを使う
counter-spend = 使う
counter-done = ポイントの利用を記録しました。
give-back-title = 利用を取り消す
give-back = 取り消してポイントを戻す
give-back-lead = { $points }ポイントまで戻せます。ポイントは元の有効期限のまま戻ります。
give-back-late = すでに期限が過ぎている分は、今日から{ $days }日間使えるようになります。
give-back-lost = すでに期限が過ぎている分は戻りません。
give-back-done = この利用は、すべて取り消し済みです。
back-to-member = 会員のポイントへ戻る
refused-short = ポイントが足りません。残高は{ $points }ポイントです。
refused-pieces = 小さなポイントが多いため、一度に使えるのは{ $points }ポイントまでです。分けて入力してください。
refused-taken = この番号では、すでに別の内容で利用されています。
refused-too-much = 戻せるのは{ $points }ポイントまでです。

# 入力の誤り
points-missing = ポイントを入力してください。
points-malformed = ポイントは1から1,000,000までの整数で入力してください。
line-missing = 入力してください。
line-too-long = 60文字以内で入力してください。
direction-missing = 増やすか減らすかを選んでください。
count-malformed = 1以上の整数で入力してください。大きすぎる数は入力できません。
times-malformed = 倍率は1.1から10までの数で入力してください。例：2、1.5
date-malformed = 日付を正しく入力してください。例：2026-12-31
date-missing = 日付を入力してください。
date-passed = 今日以降の日付を入力してください。
paid-too-long = 有償ポイントの有効期限は、発行の日から6か月以内にしてください。
until-before-from = 終了日は開始日以降にしてください。
tiers-malformed = 会員ランクのURL名は、半角の英小文字・数字・ハイフン（-）で入力してください。
occasion-missing = どんなときに付与するかを選んでください。
per-missing = いくらにつき付与するかを入力してください。
validity-missing = 有効期間の決め方を選んでください。
valid-for-missing = 日数または月数を入力してください。
valid-until-missing = 最終日を入力してください。
overtaken = 編集中に、ほかの人がこの内容を更新しました。内容を確かめてから、もう一度保存してください。入力された内容はそのまま残っています。

# ルールとキャンペーン
rules-title = 付与ルールとキャンペーン
campaigns-title = キャンペーン
no-rules = まだ付与ルールがありません。入会特典など、よく使うものから作りましょう。
rules-full = ルールとキャンペーンは、それぞれ50個まで作れます。使っていないものを削除してください。
new-rule-title = ルールを作る
edit-rule-title = ルールの編集
new-campaign-title = キャンペーンを作る
edit-campaign-title = キャンペーンの編集
on = 実施中
off = 停止中
coming = 開始前
over = 終了
rule-name = 名前
rule-name-hint = 会員の履歴に表示されます。例：入会特典
occasion = どんなときに付与するか
occasion-joined = 入会したとき
occasion-paid = 請求書の支払いが済んだとき
occasion-attended = イベントに参加したとき
occasion-posted = 掲示板に投稿したとき
per = いくらにつき付与するか（{ $currency }）
per-hint = 支払いのときに入力します。例：100と入力すると、支払額100につき上のポイントを付与します。端数は切り捨てます。
points-per = { $per }につき{ $points }ポイント
terms = ポイントの条件
validity = 有効期間の決め方
validity-months = 付与した日から数か月
validity-days = 付与した日から数日
validity-until = 決まった日まで
validity-forever = 期限なし
valid-for = 月数または日数
valid-for-hint = 「数か月」「数日」のときに入力します。
valid-until-date = 最終日
valid-until-hint = 「決まった日まで」のときに入力します。
tiers = 対象の会員ランク
tiers-hint = 会員ランクのURL名です。空のときはすべての会員が対象です。複数あるときは「,」で区切ってください。例：gold, silver
limits = 回数の上限
per-day = 会員1人あたり、1日に何回まで
per-member = 会員1人あたり、合わせて何回まで
limit-hint = 空のときは上限がありません。
limit-day = 1日{ $count }回まで
limit-member = 1人{ $count }回まで
period = 実施する期間
period-hint = 空のときは、いつでも実施します。
from = 開始日
until = 終了日
save-hint = 保存すると停止中になります。次の画面で見積もりを確かめてから、実施してください。
save-and-try = 保存して見積もりを見る
times-label = 何倍にするか
times-hint = 通常のポイントに上乗せします。例：2（2倍）、1.5（1.5倍）。ほかのキャンペーンと重なるときは、それぞれの分を上乗せします。
times-as-many = { $times }倍
campaign-period = キャンペーン期間
campaign-rules = 対象のルール
campaign-rules-hint = 選ばないときは、すべてのルールが対象です。
cap = 上乗せするポイントの総額の上限
cap-hint = 全員分を合わせた上限です。空のときは上限がありません。
cap-used = { $cap }ポイントのうち{ $granted }ポイント付与済み
between = { $from }から{ $until }まで
edit = 編集する
try-title = 見積もり
try-named = 「{ $name }」の見積もりを見る
try-or-on = 見積もりを見て実施する
try-or-off = 見積もりを見る・停止する
try-lead = 過去{ $days }日間の実績にあてはめると、次のようになります。
try-occasions = 対象となる出来事
try-grants = 付与の回数
try-members = 付与される会員
try-points = 付与するポイントの合計
times = { $count }回
people = { $count }人
try-capped = 総額の上限に達します。
try-not-all = 出来事がとても多いため、新しいものだけで計算しました。
try-nothing = この期間には、対象となる出来事の記録がありません。
try-note = 実施する期間の条件は除いて計算しています。キャンペーンは、実施中のルールにあてはめています。
try-overtaken = 見積もりを見たあとに、内容が変わりました。もう一度見積もりを確かめてください。
switch-on = 実施する
switch-off = 停止する
remove = 削除する
remove-question = 「{ $name }」を削除します。付与済みのポイントと履歴は残ります。よろしいですか。
remove-while-on = 実施中のものは削除できません。先に停止してください。

# 月次集計
statement-title = 月次集計
statement-of = { $from }から{ $until }まで
statement-running = 今月は、いままでの分を集計しています。
statement-partial = まだ集計していない履歴が多いため、一部が含まれていません。明日の朝以降にご覧ください。
statement-note = 有効期限が切れたポイントは、期限の翌日に失効として計上します。
statement-csv = CSVで保存する
statement-what = 項目
statement-free = 無償
statement-paid = 有償
statement-all = 合計
statement-before = 前月末の未使用残高
statement-granted = 付与
statement-given-back = 利用の取り消し
statement-added = 調整（増）
statement-removed = 調整（減）
statement-spent = 利用
statement-taken-back = 付与の取り消し
statement-expired = 失効
statement-after = 未使用残高
previous-month = 前の月
next-month = 次の月

# 会員ランク
ranks-title = 会員ランクの見通し
ladder-title = 会員ランクの基準
tier = 会員ランク
ladder-points = 過去12か月の獲得ポイント
points-from = { $points }ポイント以上
ladder-note = 基準は「追加機能」の設定で変えられます。基準に達した会員のランクはすぐに上がり、毎月1日の朝に見直して下がります。
falling-title = 今日見直すと下がる会員
falling-lead = 次の見直しまでに獲得したポイントによって変わります。
falls = { $from } → { $to }
earned = 過去12か月の獲得 { $points }
falling-none = 下がる会員はいません。
falling-none-here = このページの範囲には、下がる会員はいません。
no-ladder = 会員ランクの基準がまだありません。「追加機能」のポイントの設定で、会員ランクと必要なポイントを選んでください。

# ポイントで支払う
checkout-title = ポイントで支払う
checkout-back = 請求書の一覧へ戻る
checkout-open = 請求書 { $number } の残額：{ $amount }
checkout-balance = ポイントの残高：{ $points }ポイント
checkout-value = 1ポイントを{ $value }として使えます。
checkout-points = 使うポイント
checkout-hint = { $points }ポイントまで使えます。残りは、ほかの方法でお支払いください。
checkout-pay = このポイントで支払う
checkout-too-many = この請求書に使えるのは{ $points }ポイントまでです。
checkout-none = この請求書に使えるポイントがありません。ほかの方法でお支払いください。
checkout-done = この請求書は支払い済みです。
checkout-reason = 請求書 { $number } の支払い

mail-expiring-subject = { $points }ポイントの有効期限が近づいています
mail-expiring-text =
    { $organisation }のポイントについてお知らせします。

    { $last }までに、あわせて{ $points }ポイントの有効期限が切れます（最初の期限は{ $first }です）。
    お早めにご利用ください。

    { $base }/
mail-rank-up-subject = 会員ランクが上がりました
mail-rank-up-text =
    { $organisation }の会員ランクが上がりました。ありがとうございます。
    過去12か月に獲得されたポイント：{ $points }

    新しい会員ランクは、マイページでご覧いただけます。
mail-rank-down-subject = 会員ランクが変わりました
mail-rank-down-text =
    { $organisation }の会員ランクを見直し、新しいランクに変わりました。
    過去12か月に獲得されたポイント：{ $points }

    新しい会員ランクは、マイページでご覧いただけます。

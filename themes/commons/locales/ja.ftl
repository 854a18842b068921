# 標準テーマの言葉。画面に出る順に並べています。

skip-to-content = 本文へ移動
menu = メニュー
menu-main = メインメニュー
menu-footer = サイトのご案内
language = 表示言語
list-separator = ・
or = または
save = 保存する
contact = お問い合わせ
to-home = ホームへ

# ログイン中の表示
sign-in = ログイン
sign-out = ログアウト
admin = 管理画面
account = マイページ
page-edit = このページを編集

# プレビューとデモ
preview-bar = 公開前の表示
preview-exit = 表示を終わる
demo-bar = デモの操作
demo-word = デモ
demo-reset = 最初に戻す
demo-reset-confirm = デモの内容をすべて最初の状態に戻します。よろしいですか。

# 閲覧できないページ
denied-badge =
    { $kind ->
        [staff] 事務局専用
        [members] 会員限定
        [tiers] 会員ランク限定
       *[labels] 対象の会員限定
    }
denied-who =
    { $kind ->
        [staff] 事務局専用のページです
        [members] このページは会員の方がご覧いただけます
        [tiers] このページは「{ $names }」の会員の方がご覧いただけます
       *[labels] このページは「{ $names }」の方がご覧いただけます
    }
denied-anonymous =
    { $kind ->
        [staff] 事務局の方は、ログインしてください。
        [members] 会員の方は、ログインするとこのままお読みいただけます。
       *[other] 対象の会員の方は、ログインするとこのままお読みいただけます。
    }
denied-ask-anonymous =
    { $kind ->
        [staff] お問い合わせ
        [members] 入会について問い合わせる
       *[other] 対象について問い合わせる
    }
denied-member =
    { $kind ->
        [staff] { $name }さんは事務局の担当者として登録されていません。お心当たりのある方は事務局へお問い合わせください。
        [tiers] { $name }さんの現在の会員ランクではご覧いただけません。会員ランクの変更は、事務局へお問い合わせください。
        [labels] { $name }さんはこのページの対象として登録されていません。お心当たりのある方は事務局へお問い合わせください。
        [segments] { $name }さんは、いまこのページの対象に入っていません。お心当たりのある方は事務局へお問い合わせください。
       *[members] { $name }さんは会員として登録されていません。入会のお手続きは、事務局へお問い合わせください。
    }
denied-inactive =
    { $status ->
        [upcoming] { $name }さんの会員期間はまだ始まっていません。始まりましたらご覧いただけます。
        [left] { $name }さんは退会されているため、ご覧いただけません。再入会のお手続きは、事務局へお問い合わせください。
        [lapsed] { $name }さんの会員期間が終わっているため、ご覧いただけません。更新のお手続きは、事務局へお問い合わせください。
       *[none] { $name }さんは会員として登録されていません。入会のお手続きは、事務局へお問い合わせください。
    }
denied-ask-member = 事務局に問い合わせる

# 見つからないページとエラー
not-found-title = ページが見つかりません
not-found-text = ページが移動または削除されたか、URLに間違いがあるようです。お手数ですが、ホームからお探しください。
error-retry = 少し時間をおいて、もう一度お試しください。
error-again = もう一度試す
error-number = お問い合わせの際は、この番号をお知らせください:

# ログイン
sign-in-title = ログイン
sign-in-lead = { $name }の会員の方は、こちらからログインしてください。
sign-in-identifier = 会員番号またはメールアドレス
email = メールアドレス
password = パスワード
password-forgotten-link = パスワードをお忘れの方
sign-in-code-title = メールでログイン
sign-in-code-offer = パスワードは使いません。登録のメールアドレスにお送りする番号でログインできます。
sign-in-code-link = メールで番号を受け取る
sign-in-code-lead = 登録のメールアドレスを入力してください。ログイン用の番号をお送りします。
sign-in-code-send = 番号を送る
sign-in-with-password = パスワードでログインする
sign-in-help = ログインでお困りの方:
back-to-sign-in = ログインに戻る

code-sent-title = 番号を入力してください
code-sent-lead = { $email } が登録されていれば、ログイン用の番号が届きます。
code = ログイン用の番号
code-hint = メールに書かれた6桁の数字です。メールのリンクからもログインできます。
code-not-arrived = 数分待っても届かないときは、迷惑メールのフォルダもご確認ください。
code-again = もう一度送る

sign-in-confirm-title = ログインの確認
sign-in-confirm-text = { $name }にログインします。よろしければボタンを押してください。
sign-in-confirm-not-you = お心当たりのない方は、この画面を閉じてください。

choose-title = どなたがログインしますか
choose-lead = このメールアドレスは、次の方が一緒にお使いです。
member-number = 会員番号

# パスワード
forgotten-title = パスワードをお忘れの方
forgotten-lead = 登録のメールアドレスを入力してください。パスワードを決め直すご案内をお送りします。
forgotten-send = 案内を送る
mail-sent-title = メールをご確認ください
mail-sent-text = このメールアドレスが登録されていれば、パスワードを決め直すご案内が届きます。
reset-title =
    { $purpose ->
        [invite] ようこそ
       *[reset] 新しいパスワード
    }
reset-lead =
    { $purpose ->
        [invite] { $name }へようこそ。これからログインに使うパスワードを決めてください。
       *[reset] これからログインに使うパスワードを決めてください。
    }
reset-save =
    { $purpose ->
        [invite] パスワードを決めて始める
       *[reset] パスワードを変更する
    }
password-new = 新しいパスワード
password-current = 現在のパスワード
password-hint = 10文字以上。長い言葉の組み合わせが安全です。

# マイページ
mails = 届くメール
mails-lead = 届けてほしいメールを選んでください。
timeline = 最近の活動
details-none = なし
account-card = 会員証
tier = 会員ランク
joined-on = 入会日
member-type = 会員種別
member-status = 会員資格
member-status-is =
    { $status ->
        [grace] 猶予期間中
        [lapsed] 期限切れ
        [left] 退会済み
        [upcoming] 開始前
        [none] なし
       *[current] 有効
    }
member-ends-on = 有効期限
password-change = パスワードの変更
password-set = パスワードの設定
sessions = ログイン中の端末
sessions-lead = お心当たりのない端末があれば、ログアウトしてパスワードを変更してください。
session-current = この端末
session-seen = ログイン: { $created } ／ 最後の利用: { $seen }
sign-out-everywhere = すべての端末からログアウト
sign-out-everywhere-confirm = この端末を含め、すべての端末からログアウトします。よろしいですか。

# フォーム
form-edit = このフォームを編集
form-closed-note = このフォームは公開されていません。事務局の方にだけ見えています。
form-mistakes = { $count }か所に入力の誤りや漏れがあります。赤い表示のところを直してください。
form-required = 必須
form-optional = 任意
form-choose = 選んでください
form-trap = この欄には何も入力しないでください
form-check = 入力内容を確認する
form-confirm-title = 入力内容の確認
form-confirm-lead = まだ送信していません。内容をご確認のうえ、「この内容で送信する」を押してください。
form-nothing = （入力なし）
form-send = この内容で送信する
form-change = 入力画面に戻って直す
form-sent-title = 送信しました
form-sent-text = ありがとうございます。お送りいただいた内容を受け付けました。
form-home = ホームへ
form-closed = このフォームは、いま受け付けていません。

mails-language = メールの言語
mails-language-ja = 日本語
mails-language-en = English
mail-stop-title = メールの配信停止
mail-stop-ask = { $name }からの「{ $label }」のメールを、このメールアドレスへは送らないようにします。
mail-stop-ask-kind = { $name }からのこの種類のメールを、このメールアドレスへは送らないようにします。
mail-stop = 配信を停止する
mail-stop-stopped = { $name }からの「{ $label }」のメールは、このメールアドレスには届きません。
mail-stop-stopped-kind = { $name }からのこの種類のメールは、このメールアドレスには届きません。
mail-stop-needed = ログイン用の番号など、お手続きに必要なメールは届きます。
mail-stop-again = もう一度受け取る
mail-stop-comes-again = これからも届きます。
mail-stop-choose = ほかのメールもマイページで選べます
# お支払い
bills = お支払い
bills-due = お支払いいただくもの
bills-due-sum = お支払いいただく合計: { $sum }
bills-until = { $date }まで
bills-overdue = 期限を過ぎています
bills-none-due = お支払いいただくものはありません。
bills-pay = お支払い方法を見る
bills-see = お支払いの履歴を見る
bills-bank = お振込先
bills-bank-otherwise = ボタンを使わずに振り込む場合
bills-bank-hint = 振込のときは、お名前の前に会員番号を付けてください。
bills-no-way = お支払い方法は、事務局にお問い合わせください。
bills-credit = 使われていない入金が{ $credit }あります。次のお支払いに使うか、返金できます。事務局にお問い合わせください。
bills-payments = お支払いの履歴
bills-no-payments = お支払いの記録はまだありません。
bills-receipt-pdf = 領収書（PDF）
bills-invoice-pdf = 請求書（PDF）
bills-other-language = 英語版
bills-other-language-tag = en
bills-refunded = 返金 { $amount }
bills-methods = 自動でのお支払い
bills-methods-lead = カードなどを登録しておくと、会費などを、あらかじめお知らせした日に自動でお支払いいただけます。いつでも取り消せます。
bills-no-method = 登録されていません
bills-method-save = 登録する
bills-method-change = 変更する
bills-method-forget = 登録を取り消す
bills-will-be-charged = { $day }に { $method } から自動でお支払いいただきます。お手続きは必要ありません。
bills-settled = これまでの請求書
bills-paid = 支払い済み
bills-void = 取消済み
away = お支払いページへ移動します
away-lead = お支払いは { $host } のページで行います。自動で移動しないときは、下のボタンを押してください。
away-go = お支払いページへ進む
away-back = お支払いの一覧に戻る
form-elsewhere = このフォームは、イベントなどの案内のページから開いてください。
form-answered = すでに回答を送信されています。受け付けの結果は、案内のページでご確認いただけます。
form-back = 案内のページへ戻る
form-for-plugins-note = 追加機能用のフォームです。会員は追加機能のページから案内されて回答します。この画面からは送信できません。

# 会員の画面
not-set-up = Stripe の設定が済んでいないため、この方法ではまだ支払えません。事務局にお問い合わせください。
cannot-begin = 支払いの手続きを始められませんでした。時間をおいても同じときは、事務局にお問い合わせください。
try-again = 支払いの手続きを始められませんでした。請求書の画面からもう一度お試しください。
under-way = この請求書のお支払いは手続き中です。結果が届くまで、しばらくお待ちください。
amount-too-small = 金額が小さいため、この方法では支払えません。ほかの方法でお支払いください。
amount-too-large = 金額が大きいため、この方法では支払えません。ほかの方法でお支払いください。
amount-too-fine = この金額の端数は、この方法では扱えません。ほかの方法でお支払いください。
currency-unknown = この方法は、団体の通貨に対応していません。

# 返金を依頼した事務局への説明
key-refused = Stripe がシークレットキーを受け付けません。追加機能の設定を確かめてください。
refund-refused = Stripe が返金を受け付けませんでした。
refund-refused-because = Stripe が返金を受け付けませんでした（{ $words }）。
refund-already = この支払いは、Stripe ですでに全額が返金されています。
refund-disputed = この支払いには異議が申し立てられているため、返金できません。

# 事務局の画面
admin-title = Stripe との接続
state-title = いまの状態
mode = モード
mode-live = 本番
mode-test = テスト
mode-unknown = まだ支払いの手続きが行われていません
last-begun = 最後の支払い手続き
last-heard = 最後に届いた通知
none-heard = まだ届いていません
event-of-live = { $kind }（本番）
event-of-test = { $kind }（テスト）
silent = 支払いの手続きが始まってから1時間以上、Stripe からの通知が届いていません。下の手順で、Webhook の URL と署名シークレットを確かめてください。支払いは1時間ごとに Stripe へ問い合わせて反映します。
modes-differ = シークレットキーと、届いた通知のモードが違います。両方を「本番」か「テスト」のどちらかにそろえてください。
set-up-title = 設定の手順
set-up-key = Stripe の管理画面の「開発者」で、シークレットキーをコピーします。
set-up-enter = このサイトの「追加機能」で Stripe を開き、シークレットキーを入力します。キーは暗号化して保存し、画面には二度と表示しません。
set-up-webhook = Stripe の管理画面で Webhook の送信先を追加し、このサイトのアドレスに続けて次のパスを付けた URL を入力します。
set-up-events = 送信するイベントとして、次のものを選びます。
set-up-secret = 送信先の署名シークレットを、追加機能の Stripe の画面に入力します。
set-up-methods = コンビニ払いなど、カード以外の支払い方法は Stripe の管理画面で選びます。
to-plugin = 鍵を入力する画面を開く
matters-title = 確認が必要なこと
none-matters = 確認が必要なことはありません。
matter-refund-failed = 返金が失敗しました。お金は会員に戻っていません。別の方法で返金するか、Stripe の管理画面で理由を確かめてください。帳簿に返金が記録されているときは、取り消してください。
matter-dispute-won = 異議申し立ての結果、支払いが認められました。帳簿でこの支払いを取り消していたときは、記録し直してください。
matter-other-currency = 団体の通貨と違う通貨や、扱えない端数で支払われました。帳簿には反映していません。Stripe の管理画面で確かめてください。
matter-reference = Stripe での番号：{ $reference }
matter-settle = 確認済みにする
card-title = Stripe
card-count = 確認が必要なことが{ $count }件あります

# ログイン、パスワード、マイページで host が出す言葉と、メールの文面。

error-required = 入力してください。
error-malformed = 書き方をご確認ください。
error-too-long = 長すぎます。短くしてください。
error-email = メールアドレスの形が正しくないようです。もう一度ご確認ください。
error-wrong-password = 会員番号・メールアドレスまたはパスワードが違います。
error-current-password = 現在のパスワードが違います。
error-password-short = パスワードは10文字以上にしてください。
error-password-long = パスワードは200文字までにしてください。
error-password-identifier = メールアドレスや会員番号は、パスワードに使えません。
error-password-by-mail = はじめてのパスワードは、ログイン画面の「パスワードをお忘れの方」からお決めください。
error-wrong-code = 番号が違います。メールに書かれた数字をご確認ください。
error-code-over = この番号は使えなくなりました。お手数ですが、もう一度番号をお受け取りください。
error-link-over = このリンクは使えなくなりました。お手数ですが、もう一度案内をお受け取りください。
error-choose = お名前をひとつ選んでください。
error-choose-over = 時間がたったため、もう一度ログインしてください。
error-too-many =
    { $minutes ->
        [1] 回数が多いため、しばらく受け付けられません。1分ほどたってから、もう一度お試しください。
       *[other] 回数が多いため、しばらく受け付けられません。{ $minutes }分ほどたってから、もう一度お試しください。
    }
error-number-taken = この会員番号はすでに使われています。

agent-on = { $browser }（{ $system }）
agent-unknown = 不明な端末

flash-signed-out = ログアウトしました。
flash-signed-out-everywhere = すべての端末からログアウトしました。
flash-session-ended = 選んだ端末からログアウトしました。
flash-mails-chosen = 届くメールを変更しました。
mail-choose = このようなメールが不要なときは、次のページで選べます: { $link }
mail-plugin-footer =
    { $organisation }
    { $site }
flash-password-changed = パスワードを変更しました。ほかの端末からはログアウトしています。
flash-password-set = パスワードを決めました。新しいパスワードでログインしてください。
flash-invitation-accepted = ようこそ。決めたパスワードでログインしてください。

mail-code-subject = 【{ $organisation }】ログイン用の番号のお知らせ
mail-code-text =
    { $organisation }へのログイン用の番号をお送りします。

    番号: { $code }

    番号を入力する画面を閉じてしまったときは、次のリンクを開き、「ログイン」のボタンを押してください。
    { $link }

    番号とリンクは、{ $minutes }分間、一度だけお使いいただけます。
    番号はほかの方に教えないでください。お心当たりのない場合は、このメールを破棄してください。

mail-reset-subject = 【{ $organisation }】パスワードの再設定のご案内
mail-reset-text =
    { $organisation }のパスワードを決め直すためのご案内です。
    次のリンクを開き、新しいパスワードを入力してください。

    { $links }

    リンクは{ $minutes }分間、一度だけお使いいただけます。
    お心当たりのない場合は、このメールを破棄してください。パスワードは変わりません。

mail-invite-subject = 【{ $organisation }】事務局へのご招待
mail-invite-text =
    { $name }様

    { $organisation }の事務局の担当者として、サイトの管理にご招待します。
    次のリンクを開き、ログインに使うパスワードを決めてください。

    { $link }

    リンクは{ $days }日間、一度だけお使いいただけます。
    お心当たりのない場合は、このメールを破棄してください。

mail-plugin-paused-subject = 【{ $organisation }】追加機能「{ $plugin }」を自動で停止しました
mail-plugin-paused-text =
    追加機能「{ $plugin }」で不具合が続いたため、自動で停止しました。
    サイトのほかの部分は、これまでどおりご利用いただけます。

    { $minutes }分後に自動で再開します。すぐに再開するとき、くわしい記録を見るときは、次のページを開いてください。

    { $link }

mail-footer =
    { $organisation }
    { $site }
    このメールは、サイトでのお手続きに応じて自動でお送りしています。

inbox-title = メールの確認（開発用）
inbox-lead = 開発中のメールは送信されず、ここに届きます。この画面は、このパソコンからだけ見られます。
inbox-empty = メールはまだありません。
inbox-to = 宛先:
inbox-back = サイトへ戻る

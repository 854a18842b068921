# うまくいかなかったときの画面と、プレビューの案内。

problem-not-found-title = ページが見つかりません
problem-not-found-text = ページが移動または削除されたか、URLに間違いがあるようです。
problem-forbidden-title = この操作はできません
problem-forbidden-text = この画面を使う権限がありません。お心当たりのある方は、事務局へお問い合わせください。
problem-sign-in-title = ログインが必要です
problem-sign-in-text = お手数ですが、ログインしてからもう一度お試しください。
problem-stale-form-title = もう一度お試しください
problem-stale-form-text = 画面を開いてから時間がたったため、送信を受け付けられませんでした。前の画面に戻り、読み込み直してから、もう一度送信してください。
problem-bad-request-title = 受け付けられませんでした
problem-bad-request-text = 送られた内容に足りないところ、または正しくないところがあるようです。前の画面からもう一度お試しください。
problem-method-not-allowed-title = この方法では開けません
problem-method-not-allowed-text = ホームに戻り、リンクやボタンからお進みください。
problem-too-large-title = 大きすぎて受け付けられません
problem-too-large-text = 送られた内容が大きすぎます。文章や画像を小さくして、もう一度お試しください。
problem-conflict-title = ほかの方が先に変更しました
problem-conflict-text = ご覧になっている間に内容が変わったため、保存していません。最新の内容を確かめてから、もう一度お試しください。
problem-too-many-title = しばらくお待ちください
problem-too-many-text = 回数が多いため、しばらく受け付けられません。少し時間をおいて、もう一度お試しください。
problem-unavailable-title = ただいま混み合っています
problem-unavailable-text = 一時的にご利用いただけません。しばらくすると元に戻ります。
problem-plugin-paused-title = この機能は一時停止中です
problem-plugin-paused-text = 不具合が続いたため、自動で停止しています。しばらくしてからもう一度お試しください。
problem-broken-title = 申し訳ありません
problem-broken-text = 表示の途中で問題が起きました。続くときは、下の番号を添えて事務局へお問い合わせください。

preview-as-visitor = ログインしていない方に見える画面です。公開前の内容も含みます。
preview-as-tier = 会員ランク「{ $name }」の方に見える画面です。公開前の内容も含みます。
preview-as-member = { $name }さんに見える画面です。公開前の内容も含みます。

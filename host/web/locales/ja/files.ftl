# 画像とファイル。

files-title = 画像とファイル
files-lead = サイトで使う画像とPDFです。ページの編集画面から本文に入れられます。
files-empty-list = ファイルはまだありません。
files-older = これより前
files-add = ファイルを追加
files-for-page = 公開範囲は、編集中のページと同じにしてあります。追加すると、編集画面に戻ります。
files-file = ファイル
files-file-hint = 画像（PNG、JPEG、GIF、WebP）とPDFを追加できます。{ $limit }MBまで。
files-alt-ja = 画像の説明（日本語）
files-alt-en = 画像の説明（英語）
files-alt-hint = 画像が見えない方に読み上げられます。何が写っているかを短く書いてください。PDFには不要です。
files-size = { $kilobytes } KB
files-size-label = 大きさ
files-back = 画像とファイルの一覧へ戻る
files-open = ファイルを開く
files-added = 追加した日時
files-uses = 使われている場所
files-used-as-logo = サイトのロゴ
files-unused = 使われていません。
files-address = アドレス
files-replace = ファイルを差し替える
files-replace-hint = 使われているすべての場所で、すぐに新しいものに変わります。{ $limit }MBまで。
files-save = 保存する
files-delete = ファイルを削除
files-delete-used = このファイルは使われています。削除すると、その場所に表示されなくなります。
files-delete-for-good = 削除したファイルは元に戻せません。
files-delete-confirm = このファイルを削除します。元に戻せません。よろしいですか。

files-none-chosen = ファイルを選んでください。
files-empty = このファイルには中身がありません。
files-markup = 安全のため、SVGやHTMLのファイルは追加できません。画像はPNGかJPEGに変えてください。
files-heic = この形式（HEIC）の写真は追加できません。JPEGに変えてください。
files-unknown = この形式のファイルは追加できません。PNG、JPEG、GIF、WebP、PDFをお使いください。
files-cut-off = ファイルが途中で切れています（終わりの部分がありません）。元のカメラやパソコンからコピーし直して、もう一度追加してください。
files-too-large = ファイルが大きすぎます。{ $limit }MBまでのものをお使いください。
files-alt-missing = 画像の説明を入力してください。
files-alt-too-long = 300文字以内の1行にしてください。
files-other-kind = 画像は画像に、PDFはPDFに差し替えてください。

flash-file-added = ファイルを追加しました。
flash-file-added-for-page = ファイルを追加しました。「画像を入れる」から本文に入れられます。
flash-file-changed = ファイルを保存しました。
flash-file-deleted = ファイルを削除しました。

# サイトの設定とメニュー。

site-title = サイトの設定
site-back = サイトの設定へ戻る
site-has-draft = 未公開の変更あり
site-is-live = 公開中の内容です
site-drafted-together = サイトの設定とメニューは、保存した下書きがまとめて公開されます。
site-name = サイトの名前
site-tagline = ひとこと
site-tagline-hint = 名前のそばに表示される短い紹介です。
site-accent = 基本の色
site-accent-hint = ボタンやリンクに使う色です。
site-accent-adjusted = この色は明るいため、文字やリンクには、読みやすいように少し濃くした色を使います。
site-logo = ロゴ
site-logo-none = ロゴなし
site-logo-upload = 新しいロゴの画像を追加する
site-logo-alt = ロゴの説明
site-logo-alt-hint = ロゴが見えない方に読み上げられます。
site-contact-email = お問い合わせ先のメールアドレス
site-contact-email-hint = サイトに表示されます。
site-contact-path = お問い合わせのページ
site-contact-path-hint = 会員限定のページに入れない方を案内します。例: /contact
site-theme = テーマ
site-publish-saved = 保存した下書きを公開する
site-undo = 直前の公開を取り消す
site-undo-confirm = 直前の公開を取り消し、その前の設定とメニューに戻します。取り消した内容は履歴に残ります。よろしいですか。
site-history = サイトの設定の履歴
site-history-empty = まだ保存されていません。

site-menu = メニュー
site-menu-lead = サイトの上と下に表示されるメニューです。片方の言語だけでもかまいません。
site-menu-main = 上のメニュー
site-menu-footer = 下のメニュー
site-menu-label-ja = 表示する言葉（日本語）
site-menu-label-en = 表示する言葉（英語）
site-menu-path = リンク先
site-menu-up = 上へ
site-menu-down = 下へ
site-menu-remove = 外す
site-menu-add = 項目を増やす
site-menu-empty = 項目がありません。

site-name-wrong = サイトの名前を、60文字以内で入力してください。
site-tagline-wrong = 100文字以内の1行にしてください。
site-accent-wrong = 色を選んでください。
site-logo-missing = この画像はロゴに使えません。だれでも見られる画像を選んでください。
site-logo-alt-missing = ロゴの説明を、200文字以内で入力してください。
site-contact-email-wrong = メールアドレスの形が正しくないようです。
site-path-wrong = 「/contact」のようなページの場所か、https:// で始まるアドレスを入力してください。
site-theme-missing = テーマを選んでください。
site-menu-label-wrong = 表示する言葉を、40文字以内で入力してください。
site-menu-too-long = メニューは20項目までにしてください。

flash-site-saved = 下書きを保存しました。
flash-site-published = 公開しました。
flash-site-undone = 公開を取り消し、前の内容に戻しました。
flash-site-restored = 前の内容を下書きに戻しました。まだ公開されていません。

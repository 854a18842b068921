# 事務局の管理画面と、管理メニュー。

admin-nav-overview = 管理トップ
admin-nav-pages = ページ
admin-nav-files = 画像とファイル
admin-nav-site = サイトの設定
admin-nav-plugins = 追加機能
admin-nav-staff = 事務局

staff-title = 事務局
staff-lead = サイトの管理ができる担当者です。
staff-name = 表示名
staff-email = メールアドレス
staff-permissions = できること
staff-since = { $date }から
staff-you = あなた
staff-remove = 外す
staff-remove-of = { $name }さんを事務局から外す

staff-invitations = 招待中
staff-invitations-lead = 招待のメールを送り、まだパスワードが決められていない方です。
staff-invitation-until = { $date }まで有効
staff-withdraw = 取り消す
staff-withdraw-of = { $name }さんへの招待を取り消す

staff-invite = 担当者を招待する
staff-invite-lead = メールで案内を送ります。届いたリンクからパスワードを決めると、担当者になります。
staff-invite-name-hint = 管理画面やお知らせに表示される名前です。
staff-invite-send = 招待のメールを送る

staff-remove-title = 事務局から外しますか
staff-remove-text = { $name }さんは、すぐに管理画面を使えなくなります。会員としての登録はそのまま残ります。
staff-remove-self = ご自身を外そうとしています。外すと、管理画面に戻れなくなります。
staff-remove-cancel = やめる
staff-remove-last = 最後の責任者は外せません。先に、ほかの方を責任者として招待してください。

permission-owner = 責任者（すべての操作）
permission-site = ページとサイトの編集
permission-members = 会員の情報の閲覧と変更
permission-plugins = 追加機能の設定
permission-staff = 事務局の招待と管理
permission-of-plugin = { $plugin }: { $name }

error-already-staff = この方はすでに事務局の担当者です。
error-no-permission = できることを、ひとつ以上選んでください。

flash-staff-invited = 招待のメールを送りました。
flash-staff-removed = 事務局から外しました。
flash-invitation-withdrawn = 招待を取り消しました。

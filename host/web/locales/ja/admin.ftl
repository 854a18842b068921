# 管理トップと、ほかの方の目で見る機能。

overview-title = 管理トップ
overview-steps = はじめにすること
overview-step-name = サイトの名前、ロゴ、色を決める
overview-step-home = ホームのページを作る
overview-step-contact = お問い合わせのページを作る
overview-step-privacy = プライバシーポリシーのページを作る
overview-step-menu = メニューを作る
overview-step-done = 済み
overview-drafts = 公開を待っているもの
overview-site-draft = サイトの設定とメニュー
overview-no-drafts = 公開を待っている変更はありません。公開中のページは{ $count }件です。
overview-failures-more = くわしく見る
overview-activity = 最近の変更

see-as-title = 公開前に、ほかの方の目で見る
see-as-lead = 保存した下書きを公開したつもりで、サイト全体を見られます。だれにも公開されません。
see-as-visitor = ログインしていない方
see-as-tier = { $name }の方
see-as-segment = 「{ $name }」の方
see-as-member = この会員の目で見る
see-as-number = 会員番号
flash-warning-no-such-member = この番号の会員は見つかりませんでした。

problem-looking-only-title = ほかの方の目で見ています
problem-looking-only-text = この間は、見ることだけができます。画面の上の案内から終了してから、もう一度お試しください。

activity-page-published = ページ「{ $detail }」を公開しました
activity-page-undone = ページ「{ $detail }」の公開を取り消しました
activity-page-deleted = ページ「{ $detail }」を削除しました
activity-page-brought-back = ページ「{ $detail }」を元に戻しました
activity-site-published = サイトの設定を公開しました
activity-site-undone = サイトの設定の公開を取り消しました
activity-file-added = ファイル「{ $detail }」を追加しました
activity-file-changed = ファイル「{ $detail }」を変更しました
activity-file-deleted = ファイル「{ $detail }」を削除しました
activity-seen-as-member = { $detail }さんの目でサイトを見ました
activity-staff-removed = { $detail }さんを事務局から外しました

# 板とスレッドの一覧
boards-title = 掲示板
breadcrumbs = 現在の場所
thread-count = スレッド { $count }件
reply-count = 返信 { $count }件
last-post = 最終投稿 { $at }
no-boards = いま閲覧できる板はありません。
sign-in-for-boards = 会員の方は、ログインすると板をご覧いただけます。
board-closed = 書きこみ停止中
board-closed-note = この板は現在、書きこみを受け付けていません。
new-thread = スレッドを立てる
sign-in-to-write = 書きこむにはログインしてください。
sign-in-to-reply = 返信するにはログインしてください。
sign-in = ログイン
no-threads = まだスレッドがありません。
pages = ページの移動
newest-threads = 最新のスレッドへ
older-threads = さらに古いスレッド

# しるし
pinned = 固定
closed = 受付終了
hidden = 非表示
office = 事務局
former-member = 退会した会員

# スレッド
post-number = No.{ $number }
post-by = { $name }さんの投稿（No.{ $number }）
edited = { $at } 編集
post-deleted = この投稿は、投稿した方が削除しました。
post-hidden = この投稿は、事務局が非表示にしました。
thread-hidden-title = 非表示のスレッド
thread-hidden-note = このスレッドは、事務局が非表示にしました。
thread-closed-note = このスレッドは返信の受付を終了しました。
back-to-board = 「{ $board }」へ戻る
earlier-posts = 前のページ
later-posts = 次のページ
page-of = { $current } / { $last }ページ
edit = 編集
delete = 削除
report = 通報
reply = 返信する
reply-title = 返信を書く
what-you-typed = 入力された内容（コピーしてお使いください）

# 書く
new-thread-title = スレッドを立てる
guidelines = 書きこむ前のお願い
start-thread = 投稿する
title = タイトル
body = 本文
body-hint = 空行で段落を区切れます。**太字**、箇条書き（行頭に -）、リンクも使えます。
cancel = やめる
save = 保存する
edit-title = 投稿の編集
edit-overtaken = 編集中に、この投稿がほかの場所で更新されました。下の新しい内容を確かめてから、もう一度保存してください。入力された内容はそのまま残っています。
edit-newer = 更新後の内容
edit-yours = 入力された内容
delete-title = 投稿の削除
delete-question = この投稿を削除します。元に戻すことはできません。よろしいですか。
delete-thread-question = この投稿を削除します。返信がないときはスレッドごと、返信があるときは本文だけが削除され、元に戻すことはできません。よろしいですか。
delete-yes = 削除する

# 通報
report-title = 投稿の通報
report-lead = この投稿に問題があるときは、事務局へお知らせください。通報した方のお名前は、ほかの会員には表示されません。
reason = 通報の理由
reason-hint = どこに問題があるか、500文字以内でお書きください。
send-report = 事務局へ知らせる
report-thanks = 通報を受け付けました。事務局が内容を確認します。

# 入力の誤り
title-missing = タイトルを入力してください。
title-too-long = タイトルは80文字以内で入力してください。
body-missing = 本文を入力してください。
body-too-long = 本文は10,000文字以内で入力してください。
reason-missing = 通報の理由を入力してください。
reason-too-long = 通報の理由は500文字以内で入力してください。
report-again = この投稿はすでに通報されています。事務局の確認をお待ちください。
closed-meanwhile = 入力中に書きこみの受付が終了したため、返信できませんでした。
description-too-long = 説明は300文字以内で入力してください。
slug-malformed = URL名は、半角の英小文字・数字・ハイフン（-）を使い、40文字以内で入力してください。
slug-taken = このURL名は、ほかの板で使われています。
gate-missing = 公開範囲を選んでください。
gate-keys-missing = 会員ランク、タグ、または絞り込みリストのURL名を入力してください。
gate-keys-malformed = URL名は、半角の英小文字・数字・ハイフン（-）で入力してください。

# 新しい話題（パーツ）
latest-title = 掲示板の新しい話題
latest-none = まだ話題がありません。
latest-more = 掲示板を見る

# 管理
admin-title = 掲示板の管理
to-reports = 通報を確認する
to-manage-boards = 板を編集する
pin = 先頭に固定する
unpin = 固定を外す
close = 返信の受付を終了する
reopen = 返信の受付を再開する
hide = 非表示にする
restore = 表示に戻す
dismiss = 問題なしとする
open-reports = 未対応の通報
settled-reports = 対応済みの通報
no-open-reports = 未対応の通報はありません。
no-settled-reports = 対応済みの通報はありません。
reported-by = 通報した会員：{ $name }
reported-post-gone = この投稿はすでに削除されています。
outcome-hidden = 非表示にしました
outcome-dismissed = 問題なしとしました
outcome-deleted = 投稿した方が削除しました
more-reports = 続きを見る
boards-heading = 板
new-board = 板を作る
new-board-title = 板を作る
edit-board-title = 板の編集
no-boards-yet = まだ板がありません。
boards-full = 板は50個まで作れます。新しく作るには、使っていない板を削除してください。
see-on-site = サイトで見る
move-up = 上へ
move-down = 下へ
move-up-board = 「{ $board }」を上へ移動
move-down-board = 「{ $board }」を下へ移動
remove-board-named = 「{ $board }」を削除
board-title = 板の名前
slug = URL名
slug-hint = 板のアドレスに使います。例：live-2026
board-description = 説明
board-close = 書きこみを停止する（掲示板を管理する事務局だけが書きこめます）
gate = 公開範囲
gate-everyone = だれでも
gate-members = 会員
gate-tiers = 会員ランクで限る
gate-labels = タグで限る
gate-segments = 絞り込みリストで限る
gate-staff = 事務局のみ
gate-tiers-named = 会員ランク：{ $keys }
gate-labels-named = タグ：{ $keys }
gate-segments-named = 絞り込みリスト：{ $keys }
gate-keys = 会員ランク、タグ、絞り込みリストのURL名
gate-keys-hint = 「会員ランクで限る」「タグで限る」「絞り込みリストで限る」のときに入力します。絞り込みリストのURL名は、そのリストの画面に表示されています。複数あるときは「,」で区切ってください。例：gold, silver
remove-board-title = 板の削除
remove-board-question = 「{ $board }」を削除します。よろしいですか。
board-not-empty = スレッドのある板は削除できません。見せたくないときは、公開範囲を「事務局のみ」にしてください。
back-to-boards = 板の一覧へ戻る

mail-replied-subject = 「{ $title }」に返信がありました
mail-replied-text =
    { $organisation }の掲示板で、あなたが立てたスレッド「{ $title }」に返信がありました。

    { $base }/posts/{ $post }
mail-reported-subject = 投稿が通報されました：{ $title }
mail-reported-text =
    { $organisation }の掲示板のスレッド「{ $title }」で、投稿が通報されました。

    理由：{ $reason }

    次のページで確認してください。
    { $admin_base }/
open-reports-title = 掲示板の通報
open-reports-count = 確認を待っている通報が{ $count }件あります
open-reports-many = 確認を待っている通報が{ $count }件以上あります
activity-started = スレッド「{ $title }」を立てました

pictures = 写真
pictures-hint = 4枚まで、1枚10MBまで（PNG、JPEG、GIF、WebP）。撮影した場所などの情報は取り除かれます。
pictures-now = 添えた写真
pictures-too-many = 写真は合わせて4枚までです。
pictures-not-welcome = いまは写真を添えられません。
picture-of = { $name }さんの写真（{ $number }枚目）
picture-number = 写真 { $number }
picture-remove = 写真 { $number } を削除する

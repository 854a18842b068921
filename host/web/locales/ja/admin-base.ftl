# 管理画面の枠。

admin-base-skip = 本文へ移動
admin-base-area = 管理画面
admin-base-menu = メニュー
admin-base-nav = 管理メニュー
admin-base-site = サイトを見る
admin-base-language = 表示言語
admin-base-sign-out = ログアウト
admin-base-request = お問い合わせ用の番号:
admin-base-demo = デモの操作
admin-base-demo-reset = 最初に戻す
admin-base-demo-confirm = デモの内容をすべて最初の状態に戻します。よろしいですか。

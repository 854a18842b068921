demo-role-staff = 事務局
demo-role-member = 会員
demo-role-visitor = 未ログイン
flash-demo-reset = デモを最初の状態に戻しました。

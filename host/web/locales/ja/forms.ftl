# フォーム
admin-nav-forms = フォーム
forms-title = フォーム
forms-lead = お問い合わせ、入会の申し込み、アンケートなど、サイトで受け付けるフォームを作れます。
forms-new = フォームを作る
forms-new-join = 入会フォームを作る
forms-edit = フォームの編集
forms-back = フォームの一覧へ
forms-empty = まだフォームがありません。お問い合わせフォームや入会フォームから始めてみましょう。
forms-name = フォーム名
forms-answers = 回答
forms-answers-count = { $count }件
forms-new-count = 未対応 { $count }件
forms-state = 受付
forms-open-yes = 受付中
forms-open-no = 停止中
forms-address = アドレス
forms-is-join = 入会の申し込み
forms-is-plugin = 追加機能で使う
forms-see-answers = 回答を見る
forms-see-form = フォームを見る
forms-about = フォームについて
forms-in-ja = 日本語
forms-in-en = 英語
forms-name-in = フォーム名（{ $language }）
forms-address-label = アドレス
forms-address-hint = 半角の英小文字・数字・ハイフンで。このフォームは /forms/{ $address } で開きます。
forms-purpose = 回答の扱い
forms-purpose-answers = 受け付けて、事務局が確認する（お問い合わせ・申し込み・アンケート）
forms-purpose-join = 入会の申し込みとして受け付け、事務局が承認すると会員になる
forms-purpose-plugin = 追加機能で使う（イベントへの参加登録など。回答した会員は、その追加機能に知らされる）
forms-lead-in = 説明（{ $language }）
forms-lead-hint = 入力欄の上に表示されます。Markdownが使えます。
forms-fields = 入力欄
forms-no-fields-yet = 下のボタンで入力欄を追加してください。
forms-add = 入力欄を追加する:
forms-kind-name = 氏名
forms-kind-email = メールアドレス
forms-kind-phone = 電話番号
forms-kind-postal-code = 郵便番号
forms-kind-text = 1行の文字
forms-kind-lines = 長い文章
forms-kind-date = 日付
forms-kind-number = 数字
forms-kind-choice = 1つ選ぶ
forms-kind-choices = いくつでも選ぶ
forms-kind-consent = 同意のチェック
forms-label-in = 見出し（{ $language }）
forms-choices = 選択肢
forms-choices-hint = 1行に1つずつ。ほかの言語の言い方は「|」のあとに書きます（例: 朝 | Morning）。
forms-required = 必ず入力してもらう
forms-hint = 入力のヒント
forms-hint-in = ヒント（{ $language }）
forms-up = 上へ
forms-down = 下へ
forms-remove = この欄を外す
forms-after = 送信されたあと
forms-thanks-in = お礼の文（{ $language }）
forms-thanks-hint = 送信後の画面と自動返信のメールに入ります。メールでは、書いた文字がそのまま届きます。空のときは、受け付けたことだけをお知らせします。
forms-reply = 送った方に、受け付けたことをメールで知らせる
forms-notify = 事務局への通知先
forms-notify-hint = 回答があったときに知らせるメールアドレスを、1行に1つずつ入力してください。
forms-who = 受付
forms-open = 受け付ける
forms-gate = 回答できる人
forms-save = 保存する
forms-use = 追加機能で使う
forms-use-lead = このフォームは、追加機能の画面（イベントの編集など）で選んで使います。会員はそのページからここへ案内され、送信するとそのページに戻ります。
forms-place = ページに入れる
forms-in-page = フォーム「{ $name }」
forms-place-lead = 次の1行をページの本文に書くと、そこにこのフォームが表示されます。
forms-delete = このフォームを削除する
forms-delete-lead = 集まった回答もすべて削除されます。必要なときは、先に回答をCSVで保存してください。
forms-delete-confirm = フォームと、集まった回答をすべて削除します。元に戻せません。よろしいですか?
forms-conflict = 編集中に、ほかの担当者がこのフォームを保存しました。いま保存されている入力欄:
forms-mistakes = { $count }か所に入力の誤りや漏れがあります。赤い表示のところを直してください。
forms-answers-of = 「{ $name }」への回答
forms-answer-of = 「{ $name }」への回答
forms-answer = 回答の内容
forms-overview = まだ対応していない回答が{ $count }件あります
forms-back-to-answers = 回答の一覧へ
forms-csv = CSVで保存する
forms-filter = 対応の状況
forms-all = すべて
forms-state-new = 未対応
forms-state-done = 対応済み
forms-state-approved = 承認済み
forms-state-declined = 見送り
forms-no-answers = まだ回答がありません。
forms-none-in-state = この状況の回答はありません。
forms-column-received = 受付日時
forms-column-state = 対応の状況
forms-column-note = メモ
forms-name-family = 姓
forms-name-given = 名
forms-name-family-kana = セイ
forms-name-given-kana = メイ
forms-member = 会員
forms-led-by = 案内した追加機能
forms-retired = （いまは使っていない欄）
forms-mark-done = 対応済みにする
forms-mark-new = 未対応に戻す
forms-approval = 入会の承認
forms-approval-lead = 承認すると会員として登録され、ご本人に会員番号とログインの方法をメールでお知らせします。
forms-alike = 同じメールアドレスの会員がいます。重複していないか確かめてください。
forms-number-hint = 次の番号の案が入っています。
forms-display-name-hint = ほかの会員に見える名前です。
forms-approve = 承認して会員にする
forms-decline = 見送る
forms-decline-confirm = この申し込みを見送ります。ご本人へのメールは送られません。よろしいですか?
forms-declined-lead = この申し込みは見送りました。ご本人へのメールは送っていません。
forms-note = メモ
forms-note-hint = 事務局の方だけに見えます。
forms-note-save = メモを保存する
forms-answer-delete = この回答を削除する
forms-answer-delete-lead = 個人情報を含む回答は、不要になったら削除してください。承認した会員の登録は残ります。
forms-answer-delete-confirm = この回答を削除します。元に戻せません。よろしいですか?
forms-text-too-long = 長すぎるか、使えない文字があります。
forms-address-wrong = 英小文字で始まる、40文字までの英小文字・数字・ハイフンにしてください。
forms-address-taken = このアドレスは、ほかのフォームで使われています。
forms-no-fields = 入力欄をひとつ以上追加してください。
forms-too-many-fields = 入力欄は50個までです。
forms-too-many = フォームは200個までです。使っていないものを削除してください。
forms-join-needs = 入会の申し込みには、必ず入力してもらう「氏名」と「メールアドレス」の欄が必要です。
forms-reply-needs = 自動返信には「メールアドレス」の欄が必要です。
forms-purpose-answered = すでに回答があるため、回答の扱いは変えられません。新しいフォームを作ってください。
forms-number-needed = 数字を整数で入力してください（例: 12）。
forms-no-choices = 選択肢を1行に1つずつ入力してください。
forms-too-many-choices = 選択肢は100個まで、ひとつ200文字までです。
forms-same-choice = 同じ選択肢が2つあります。
forms-notify-address = メールアドレスとして正しくない行があります。
forms-too-many-notified = 通知先は10件までです。
forms-number-wrong = 会員番号は、空白を入れずに30文字までで入力してください。
forms-begun-contact = お問い合わせ
forms-begun-join = 入会のお申し込み
forms-begun-plugin = 参加登録
forms-begun-wishes = ご要望や連絡事項
forms-begun-name = お名前
forms-begun-email = メールアドレス
forms-begun-lines = お問い合わせの内容
forms-begun-postal-code = 郵便番号
forms-begun-address = 住所
forms-begun-phone = 電話番号
forms-begun-consent = 会則と個人情報の取り扱いに同意します
forms-choose = 選んでください。
forms-consent-needed = 同意いただける場合は、チェックを入れてください。
forms-trapped = 「何も入力しないでください」と書かれた欄を空にして、もう一度お試しください。
forms-unheard = 案内元の追加機能が受け付けられない状態のため、送信できませんでした。入力した内容はそのままです。時間をおいて、もう一度お試しください。
forms-too-soon = 自動送信を防ぐため、受け付けられませんでした。お手数ですが、もう一度ご確認のうえ送信してください。
forms-too-many-sent = 送信が続いたため、いまは受け付けられません。入力した内容はそのままですので、数分たってから、もう一度お試しください。
forms-block-nothing = フォーム「{ $address }」は見つかりません。フォームのアドレスを確かめてください。
forms-block-closed = フォーム「{ $address }」は受け付けを停止しています。
forms-block-elsewhere = フォーム「{ $address }」は追加機能で使うフォームのため、ページには表示できません。
forms-block-denied = フォーム「{ $address }」に回答できる方ではないため、表示していません。
misfit-phone = 電話番号を数字とハイフンで入力してください（例: 03-1234-5678）。
misfit-postal-code = 郵便番号を7桁の数字で入力してください（例: 100-0001）。
misfit-kana = カタカナで入力してください。
flash-form-sent = 送信しました。受け付けの結果は、このページでご確認いただけます。
flash-warning-form-answered = すでに回答を送信されています。
flash-form-saved = フォームを保存しました。
flash-form-deleted = フォームを削除しました。
flash-answer-noted = メモを保存しました。
flash-answer-deleted = 回答を削除しました。
flash-answer-approved = 承認しました。ご本人にメールでお知らせします。
flash-answer-marked = 対応の状況を変えました。
flash-warning-answer-changed = ほかの担当者が先に対応していました。いまの状況を表示しています。
flash-warning-answer-note-too-long = メモが長すぎるため、保存できませんでした。5,000文字までにしてください。
activity-form-made = フォームを作成: { $detail }
activity-form-changed = フォームを変更: { $detail }
activity-form-deleted = フォームを削除: { $detail }
activity-answer-done = 回答を対応済みに: { $detail }
activity-answer-new = 回答を未対応に: { $detail }
activity-answer-declined = 入会の申し込みを見送り: { $detail }
activity-answer-approved = 入会を承認: 会員番号 { $detail }
activity-answer-deleted = 回答を削除: { $detail }
activity-answers-exported = 回答をCSVで保存: { $detail }

mail-form-reply-subject = 【{ $organisation }】「{ $form }」を受け付けました
mail-form-reply-text =
    「{ $form }」にお送りいただき、ありがとうございます。
    内容を受け付けました。

    お心当たりのない場合は、どなたかが誤ってこのメールアドレスを入力した可能性があります。このメールは破棄してください。

mail-form-reply-thanks-subject = 【{ $organisation }】「{ $form }」を受け付けました
mail-form-reply-thanks-text =
    { $thanks }

    お心当たりのない場合は、どなたかが誤ってこのメールアドレスを入力した可能性があります。このメールは破棄してください。

mail-form-notice-subject = 【{ $organisation }】「{ $form }」に回答がありました
mail-form-notice-text =
    「{ $form }」に回答がありました。

    { $answers }

    次のページで対応できます。
    { $link }

mail-form-approved-subject = 【{ $organisation }】入会のご案内
mail-form-approved-text =
    { $name }様

    { $organisation }へのご入会を承認しました。ようこそ。

    会員番号: { $number }

    次のページで、このメールアドレス（{ $email }）を入力すると、ログイン用の番号をお送りします。
    { $link }

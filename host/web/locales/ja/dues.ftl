invoices-nav-dues = 会費
dues-new = 会費の請求を準備する
dues-edit = 内容を変更する
dues-back = 会費の一覧に戻る
dues-none = 会費の請求はまだありません。期間と金額を決めると、だれにいくら請求することになるかを、請求する前に確かめられます。
dues-not-begun = まだ請求していません。
dues-running = 請求書を発行中
dues-progress = { $invoices } 件のうち { $settled } 件が支払い済み。入金 { $paid }、未納 { $open }
dues-about = 会費の内容
dues-name = 名前
dues-name-hint = 請求書に載ります。例: 2027年度 年会費
dues-term = 会員期間
dues-begins = 会員期間の最初の日
dues-ends = 会員期間の最後の日
dues-due-on = お支払い期限
dues-term-hint = 会費を支払った会員は、この期間の会員になります。支払われないまま前の期間と猶予期間が終わると、期限切れになります。
dues-prices = 金額
dues-prices-hint = ランクごとの欄が空なら、その種別の金額になります。種別の金額も空なら、請求しません。0 と入力すると、支払いなしで会員期間が延びます。
dues-usual = 金額
dues-of-tier = うち{ $tier }
dues-everybody = すべての会員
dues-no-type = 種別のない会員
dues-tax-kind = 消費税
dues-tax-kind-hint = 会員としての地位にかかる通常の会費は、ふつう不課税です。
dues-how = 請求の方法
dues-by-mail = 請求書を発行したことを、会員にメールで知らせる
dues-with-lapsed = 期限切れの会員にも請求する
dues-save = 保存して、請求の見込みを見る
dues-mail-fact = メールでのお知らせ
dues-mail-yes = 送る
dues-mail-no = 送らない
dues-invoices = 発行した請求書
dues-paid = 支払い済み
dues-open = 未納
dues-free = 支払いなし
dues-count = { $count } 件
dues-people = { $count } 人
dues-see-unpaid = 未納の一覧を見る
dues-at-work = 請求書を発行しています。{ $count } 件まで進みました。このページを閉じても続きます。
dues-stop = ここで止める
dues-would = 請求の見込み
dues-run-again = 追加で請求できる会員
dues-who = 会員
dues-price = 金額
dues-members = 人数
dues-sum = 合計
dues-nobody = 請求する会員はいません。
dues-done = 請求済みの会員 { $count } 人には、二重に請求しません。
dues-covered = 期間の最初の日にすでに会員である { $count } 人には、請求しません。
dues-left-out = 退会した会員など { $count } 人には、請求しません。
dues-left-out-lapsed = 期限切れや退会の会員など { $count } 人には、請求しません。
dues-unpriced = 金額が決まっていない会員が { $count } 人います。請求しません。
dues-run-lead = 請求書を発行すると、番号が付き、内容は変えられません。
dues-run-lead-mail = 請求書を発行すると、番号が付き、内容は変えられません。会員にはメールで知らせます。
dues-run = { $count } 人に請求する
dues-run-confirm = { $count } 人分の請求書を発行します。よろしいですか?
dues-delete = この会費を削除する
dues-delete-confirm = この会費を削除します。よろしいですか?
dues-price-negative = 0 以上の金額を入力してください。
dues-no-prices = 少なくとも1つの金額を入力してください。
dues-term-too-long = 期間は10年までにしてください。
flash-dues-saved = 会費の内容を保存しました。
flash-dues-running = 請求書の発行を始めました。
flash-dues-stopped = 請求書の発行を止めました。続きはいつでも発行できます。
flash-dues-deleted = 会費を削除しました。
flash-warning-dues-changed = 内容が変わっていました。現在の内容を確かめてください。
activity-dues-saved = 会費の内容を保存: { $detail }
activity-dues-deleted = 会費を削除: { $detail }
activity-dues-run = 会費の請求を開始: { $detail }
activity-dues-stopped = 会費の請求を停止: { $detail }
dues-proposed-name = { $year }年度 年会費
mail-dues-subject = { $dues }のお支払いのお願い
mail-dues-text =
    { $name }

    { $organisation }です。
    { $dues }のお支払いをお願いいたします。

    請求書番号: { $number }
    金額: { $amount }
    お支払い期限: { $due }

    請求書とお支払い方法は、マイページでご覧いただけます。
    { $link }

    すでにお支払いいただいている場合は、ご容赦ください。
dues-charge-on = 自動で請求する日
dues-charge-on-hint = カードなどの支払方法を登録している会員には、この日の朝9時に請求します。空なら自動では請求しません。
dues-charged = うち { $count } 人には、{ $day }に登録された支払方法で請求します。
mail-dues-charged-subject = { $dues }のお支払いについて
mail-dues-charged-text =
    { $name }

    { $organisation }です。
    { $dues }は、ご登録のお支払い方法から自動でお支払いいただきます。お手続きは必要ありません。

    請求書番号: { $number }
    金額: { $amount }
    お支払い日: { $day }
    お支払い方法: { $method }

    お支払い方法の変更や、自動でのお支払いの取り消しは、マイページでできます。
    { $link }

# 文章に書かれたパーツの指定のまちがい。事務局の画面に表示されます。
common-block-error-name = 「{ $name }」はパーツの名前として読めません。「::追加機能の名前/パーツの名前」のように、英小文字・数字・ハイフンで書いてください。
common-block-error-after-name = パーツの名前のあとの「{ $value }」は読めません。条件は {"{"} と {"}"} で囲んで書いてください。
common-block-error-unclosed = 最後の {"}"} がありません。
common-block-error-after-end = {"}"} のあとに「{ $value }」があります。パーツの指定は一行に一つだけ書いてください。
common-block-error-parameter-name = 「{ $name }」は条件の名前として読めません。半角の英数字で書いてください。
common-block-error-no-value = 「{ $name }」の値がありません。{ $name }="…"、{ $name }=5、{ $name }=true のように書いてください。
common-block-error-unclosed-text = 「{ $name }」の文字列を閉じる半角の引用符（"）がありません。
common-block-error-value = 「{ $name }」の値「{ $value }」は読めません。文字列は半角の引用符（"）で囲み、数は整数で書いてください。ほかに true と false が使えます。
common-block-error-twice = 「{ $name }」が二回書かれています。

mail-spam-subject = { $subject }
mail-spam-text = 迷惑なお知らせです。

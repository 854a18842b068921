refused = 返金できませんでした。

short = 残高が足りません。
pay = 支払う

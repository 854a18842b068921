short = The balance is too low.
pay = Pay

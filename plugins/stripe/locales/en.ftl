# For members
not-set-up = Payments by Stripe are not set up yet. Please ask the office.
cannot-begin = The payment could not be started. If it stays that way, please ask the office.
try-again = The payment could not be started. Please try again from your invoices.
under-way = A payment of this invoice is under way. Please wait until its result is here.
amount-too-small = The amount is too small to be paid this way. Please pay in another way.
amount-too-large = The amount is too large to be paid this way. Please pay in another way.
amount-too-fine = This amount has a fraction that cannot be paid this way. Please pay in another way.
currency-unknown = This way of paying does not know the organisation's currency.

# For staff who asked for a refund
key-refused = Stripe does not accept the secret key. Please check it under Plugins.
refund-refused = Stripe refused the refund.
refund-refused-because = Stripe refused the refund ({ $words }).
refund-already = All of this payment was given back at Stripe already.
refund-disputed = This payment is disputed and cannot be given back.

# For staff
admin-title = Connection with Stripe
state-title = How it stands
mode = Mode
mode-live = Live
mode-test = Test
mode-unknown = Nobody has begun to pay yet
last-begun = Last time somebody began to pay
last-heard = Last notice from Stripe
none-heard = None yet
event-of-live = { $kind } (live)
event-of-test = { $kind } (test)
silent = Somebody began to pay more than an hour ago, and no notice has come from Stripe since. Please check the webhook's URL and its signing secret as described below. Payments are asked about once an hour and booked all the same.
modes-differ = The secret key and the notices are of different modes. Both have to be live, or both test.
set-up-title = How to set it up
set-up-key = In Stripe's dashboard, copy the secret key under Developers.
set-up-enter = On this site, open Stripe under Plugins and enter the secret key. It is kept encrypted and never shown again.
set-up-webhook = In Stripe's dashboard, add a webhook endpoint. Its URL is this site's address followed by this path.
set-up-events = Choose these events to be sent.
set-up-secret = Enter the endpoint's signing secret on Stripe's page under Plugins.
set-up-methods = Ways of paying other than cards, such as convenience stores, are chosen in Stripe's dashboard.
to-plugin = Enter the keys
matters-title = What needs attention
none-matters = Nothing needs attention.
matter-refund-failed = A refund has failed: the money did not go back to the member. Give it back in another way, or see in Stripe's dashboard why. If the books have the refund, take it back there.
matter-dispute-won = A dispute was decided for you. If you had taken the payment out of the books, enter it again.
matter-other-currency = Somebody paid in another currency than the organisation's, or a fraction that it does not have. It is not in the books. Please look at it in Stripe's dashboard.
matter-reference = At Stripe: { $reference }
matter-settle = Done
card-title = Stripe
card-count = { $count ->
    [one] One matter needs attention
   *[other] { $count } matters need attention
}

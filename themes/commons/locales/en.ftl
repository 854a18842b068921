# The words of the standard theme, in the order in which they meet a visitor.

skip-to-content = Skip to content
menu = Menu
menu-main = Main menu
menu-footer = About this site
language = Language
list-separator = { ", " }
or = or
save = Save
contact = Contact us
to-home = Go to the home page

# Who is signed in
sign-in = Sign in
sign-out = Sign out
admin = Staff area
account = My page
page-edit = Edit this page

# Preview and demo
preview-bar = Preview
preview-exit = Leave preview
demo-bar = Demo controls
demo-word = Demo
demo-reset = Start over
demo-reset-confirm = This puts everything in the demo back to how it was at the start. Go ahead?

# Pages that one may not enter
denied-badge =
    { $kind ->
        [staff] Staff only
        [members] Members only
        [tiers] Certain tiers only
       *[labels] Certain members only
    }
denied-who =
    { $kind ->
        [staff] This page is for staff
        [members] This page is for members
        [tiers] This page is for members of: { $names }
       *[labels] This page is for: { $names }
    }
denied-anonymous =
    { $kind ->
        [staff] If you are staff, please sign in.
        [members] If you are a member, sign in and read on right here.
       *[other] If this is you, sign in and read on right here.
    }
denied-ask-anonymous =
    { $kind ->
        [staff] Contact us
        [members] Ask about joining
       *[other] Ask who may read this
    }
denied-member =
    { $kind ->
        [staff] { $name }, you are not registered as staff. If you think you should be, please contact the office.
        [tiers] { $name }, your present tier does not include this page. To change your tier, please contact the office.
        [labels] { $name }, you are not registered for this page. If you think you should be, please contact the office.
        [segments] { $name }, this page is not for you at present. If you think it should be, please contact the office.
       *[members] { $name }, you are not registered as a member. To join, please contact the office.
    }
denied-inactive =
    { $status ->
        [upcoming] { $name }, your membership has not begun yet. Once it has, you can read this page.
        [left] { $name }, you have left, so this page is closed to you. To join again, please contact the office.
        [lapsed] { $name }, your membership has run out. To renew it, please contact the office.
       *[none] { $name }, you are not registered as a member. To join, please contact the office.
    }
denied-ask-member = Contact the office

# Not found, and errors
not-found-title = Page not found
not-found-text = The page may have moved or been removed, or the address may have a typing error. Please try again from the home page.
error-retry = Please wait a moment and try again.
error-again = Try again
error-number = If you contact us, please give this number:

# Signing in
sign-in-title = Sign in
sign-in-lead = For members of { $name }.
sign-in-identifier = Member number or email address
email = Email address
password = Password
password-forgotten-link = Forgotten your password?
sign-in-code-title = Sign in by email
sign-in-code-offer = No password needed: we send a code to your registered address.
sign-in-code-link = Get a code by email
sign-in-code-lead = Enter your registered email address. We will send you a code to sign in with.
sign-in-code-send = Send the code
sign-in-with-password = Sign in with a password
sign-in-help = Trouble signing in?
back-to-sign-in = Back to sign-in

code-sent-title = Enter your code
code-sent-lead = If { $email } is registered with us, a code is on its way.
code = Sign-in code
code-hint = The six digits in our email. The link in it works too.
code-not-arrived = If nothing arrives within a few minutes, please look in your spam folder.
code-again = Send it again

sign-in-confirm-title = Confirm sign-in
sign-in-confirm-text = Press the button to sign in to { $name }.
sign-in-confirm-not-you = If you did not ask for this, simply close this page.

choose-title = Who is signing in?
choose-lead = Several members share this email address.
member-number = Member number

# Passwords
forgotten-title = Forgotten your password?
forgotten-lead = Enter your registered email address. We will send you a link to choose a new password.
forgotten-send = Send the link
mail-sent-title = Check your email
mail-sent-text = If this address is registered with us, a link to choose a new password is on its way.
reset-title =
    { $purpose ->
        [invite] Welcome
       *[reset] New password
    }
reset-lead =
    { $purpose ->
        [invite] Welcome to { $name }. Choose a password to sign in with from now on.
       *[reset] Choose a password to sign in with from now on.
    }
reset-save =
    { $purpose ->
        [invite] Set password and begin
       *[reset] Change password
    }
password-new = New password
password-current = Current password
password-hint = At least 10 characters. Several long words make a strong one.

# My page
mails = Mails to you
mails-lead = Choose the mails that you want to get.
timeline = What you did lately
details-none = None
account-card = Membership card
tier = Tier
joined-on = Member since
member-type = Membership
member-status = Status
member-status-is =
    { $status ->
        [grace] in its days of grace
        [lapsed] lapsed
        [left] left
        [upcoming] not begun
        [none] none
       *[current] current
    }
member-ends-on = Valid until
password-change = Change password
password-set = Set a password
sessions = Where you are signed in
sessions-lead = If you see a device you do not know, sign it out and change your password.
session-current = This device
session-seen = Signed in { $created }, last used { $seen }
sign-out-everywhere = Sign out everywhere
sign-out-everywhere-confirm = This signs you out on every device, this one too. Go ahead?

# Forms
form-edit = Edit this form
form-closed-note = This form is not open to the public. Only staff see it.
form-mistakes = { $count ->
        [one] One entry needs your attention. Please look at the place marked in red.
       *[other] { $count } entries need your attention. Please look at the places marked in red.
    }
form-required = Required
form-optional = Optional
form-choose = Please choose
form-trap = Leave this field empty
form-check = Check my entries
form-confirm-title = Check your entries
form-confirm-lead = Nothing has been sent yet. If everything is right, press “Send”.
form-nothing = (nothing entered)
form-send = Send
form-change = Go back and change
form-sent-title = Sent
form-sent-text = Thank you. We have received what you sent.
form-home = To the home page
form-closed = This form takes no answers at the moment.

mails-language = Language of mails
mails-language-ja = 日本語
mails-language-en = English
mail-stop-title = Stop mails
mail-stop-ask = Mails about “{ $label }” from { $name } will no longer come to this address.
mail-stop-ask-kind = Mails of this kind from { $name } will no longer come to this address.
mail-stop = Stop these mails
mail-stop-stopped = Mails about “{ $label }” from { $name } don’t come to this address any more.
mail-stop-stopped-kind = Mails of this kind from { $name } don’t come to this address any more.
mail-stop-needed = Mails that you ask for, such as codes for signing in, still come.
mail-stop-again = Get them again
mail-stop-comes-again = They keep coming.
mail-stop-choose = Choose other mails on your own page
# Payments
bills = Payments
bills-due = To be paid
bills-due-sum = { $sum } is to be paid
bills-until = by { $date }
bills-overdue = Overdue
bills-none-due = Nothing is to be paid.
bills-pay = How to pay
bills-see = See payments
bills-bank = Please transfer to
bills-bank-otherwise = To transfer without one of the buttons
bills-bank-hint = Please put your member number in front of your name.
bills-no-way = Please ask the office how to pay.
bills-credit = { $credit } of what you paid is not used yet. Ask the office to use it for the next invoice, or to give it back.
bills-payments = What you paid
bills-no-payments = No payment has been recorded yet.
bills-receipt-pdf = Receipt (PDF)
bills-invoice-pdf = Invoice (PDF)
bills-other-language = in Japanese
bills-other-language-tag = ja
bills-refunded = { $amount } given back
bills-methods = Automatic payment
bills-methods-lead = Save a card or another way of paying, and dues are paid on the day that we tell you beforehand. You can stop it at any time.
bills-no-method = Nothing is saved
bills-method-save = Save one
bills-method-change = Change
bills-method-forget = Remove
bills-will-be-charged = Will be paid from { $method } on { $day }. You need do nothing.
bills-settled = Earlier invoices
bills-paid = Paid
bills-void = Cancelled
away = On to the payment page
away-lead = You pay on a page of { $host }. If it does not open by itself, press the button.
away-go = Go to the payment page
away-back = Back to your payments
form-elsewhere = Please open this form from the page that it belongs to, such as that of an event.
form-answered = You have sent an answer before. What came of it is shown on the page that led you here.
form-back = Back to that page
form-for-plugins-note = This form is for plugins: members are led to it from a plugin’s page. Nothing can be sent from here.

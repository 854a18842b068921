# What the host says about signing in, passwords and one's own page, and the texts of mails.

error-required = Please fill this in.
error-malformed = Please check how this is written.
error-too-long = This is too long. Please make it shorter.
error-email = This does not look like an email address. Please check it.
error-wrong-password = The number, email address or password is not right.
error-current-password = The current password is not right.
error-password-short = Please use at least 10 characters.
error-password-long = Please use at most 200 characters.
error-password-identifier = Please do not use your email address or member number as your password.
error-password-by-mail = Please set your first password through “Forgotten your password?” on the sign-in page.
error-wrong-code = This code is not right. Please check the digits in the email.
error-code-over = This code no longer works. Please ask for a new one.
error-link-over = This link no longer works. Please ask for a new one.
error-choose = Please choose one name.
error-choose-over = Some time has passed. Please sign in again.
error-too-many =
    { $minutes ->
        [1] That was too many tries. Please try again in about a minute.
       *[other] That was too many tries. Please try again in about { $minutes } minutes.
    }
error-number-taken = This member number is already in use.

agent-on = { $browser } on { $system }
agent-unknown = Unknown device

flash-signed-out = You have signed out.
flash-signed-out-everywhere = You have signed out on all devices.
flash-session-ended = You have signed out on that device.
flash-mails-chosen = Your choice of mails was saved.
mail-choose = You can choose which mails you get here: { $link }
mail-plugin-footer =
    { $organisation }
    { $site }
flash-password-changed = Your password has been changed. Your other devices have been signed out.
flash-password-set = Your password has been set. Please sign in with it.
flash-invitation-accepted = Welcome. Please sign in with the password that you just set.

mail-code-subject = Your sign-in code for { $organisation }
mail-code-text =
    Here is your code for signing in to { $organisation }.

    Code: { $code }

    If you have closed the page that asks for the code, open this link and press “Sign in”:
    { $link }

    The code and the link work once, within { $minutes } minutes.
    Please do not give the code to anyone. If you did not ask for it, you can ignore this email.

mail-reset-subject = Set a new password for { $organisation }
mail-reset-text =
    Someone, probably you, asked to set a new password for { $organisation }.
    To do so, open this link:

    { $links }

    It works once, within { $minutes } minutes.
    If you did not ask for it, you can ignore this email. Your password stays as it is.

mail-invite-subject = You are invited to help run { $organisation }
mail-invite-text =
    Dear { $name },

    You are invited to join the staff of { $organisation } and help look after its site.
    Please open this link and choose the password that you will sign in with:

    { $link }

    The link works once, within { $days } days.
    If you did not expect this, you can ignore this email.

mail-plugin-paused-subject = [{ $organisation }] The plugin “{ $plugin }” is paused
mail-plugin-paused-text =
    The plugin “{ $plugin }” kept failing, so it is paused.
    Everything else on the site works as before.

    It goes on by itself in { $minutes } minutes. To let it go on at once, or to see what went wrong, open this page:

    { $link }

mail-footer =
    { $organisation }
    { $site }
    This email was sent automatically because of something done on the site.

inbox-title = Mail on this machine (development)
inbox-lead = During development mail is not sent but arrives here. Only this machine can see this page.
inbox-empty = There is no mail yet.
inbox-to = To:
inbox-back = Back to the site

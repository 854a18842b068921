# Forms
admin-nav-forms = Forms
forms-title = Forms
forms-lead = Forms that your site takes: enquiries, applications to join, surveys.
forms-new = New form
forms-new-join = New form for joining
forms-edit = Edit the form
forms-back = All forms
forms-empty = There are no forms yet. A form for enquiries or for joining is a good beginning.
forms-name = Form
forms-answers = Answers
forms-answers-count = { $count ->
        [one] 1 answer
       *[other] { $count } answers
    }
forms-new-count = { $count } to deal with
forms-state = Open
forms-open-yes = Open
forms-open-no = Closed
forms-address = Address
forms-is-join = Applications to join
forms-is-plugin = Used by plugins
forms-see-answers = See the answers
forms-see-form = See the form
forms-about = About the form
forms-in-ja = Japanese
forms-in-en = English
forms-name-in = Name ({ $language })
forms-address-label = Address
forms-address-hint = Small letters, digits and hyphens. The form opens at /forms/{ $address }.
forms-purpose = What becomes of answers
forms-purpose-answers = Staff read them (enquiries, registrations, surveys)
forms-purpose-join = They are applications: whoever staff approve becomes a member
forms-purpose-plugin = Plugins use them (such as registrations for an event: the plugin hears who answered what)
forms-lead-in = Introduction ({ $language })
forms-lead-hint = Shown above the fields. You can use Markdown.
forms-fields = Fields
forms-no-fields-yet = Add fields with the buttons below.
forms-add = Add a field:
forms-kind-name = Name
forms-kind-email = Email address
forms-kind-phone = Phone number
forms-kind-postal-code = Postal code (Japan)
forms-kind-text = One line of text
forms-kind-lines = Long text
forms-kind-date = Date
forms-kind-number = Number
forms-kind-choice = Choose one
forms-kind-choices = Choose any
forms-kind-consent = Consent
forms-label-in = Label ({ $language })
forms-choices = Choices
forms-choices-hint = One in each line. What they are called in the other language comes after a “|”, such as: Morning | 朝
forms-required = Has to be filled in
forms-hint = Hint
forms-hint-in = Hint ({ $language })
forms-up = Up
forms-down = Down
forms-remove = Remove this field
forms-after = Once it is sent
forms-thanks-in = Thanks ({ $language })
forms-thanks-hint = Shown on the page after sending, and in the automatic reply, where it arrives as it is written. If empty, people are told that it was received.
forms-reply = Tell whoever sent it by mail that it was received
forms-notify = Tell staff
forms-notify-hint = Addresses that get a mail for each answer, one in each line.
forms-who = Opening
forms-open = Takes answers
forms-gate = Who may answer
forms-save = Save
forms-use = Use it in a plugin
forms-use-lead = Choose this form on a page of a plugin, such as where you edit an event. Members are led here from its page, and back to it once they have sent the form.
forms-place = Put it into a page
forms-in-page = Form: { $name }
forms-place-lead = Write this line into the text of a page, and the form appears there.
forms-delete = Delete this form
forms-delete-lead = All its answers are deleted too. If you need them, save them as CSV first.
forms-delete-confirm = The form and all its answers are deleted for good. Are you sure?
forms-conflict = Somebody else saved this form while you were editing it. The fields as they are saved now:
forms-mistakes = { $count ->
        [one] One entry needs your attention. Please look at the place marked in red.
       *[other] { $count } entries need your attention. Please look at the places marked in red.
    }
forms-answers-of = Answers to “{ $name }”
forms-answer-of = Answer to “{ $name }”
forms-answer = Answer
forms-overview = { $count ->
        [one] One answer waits for you
       *[other] { $count } answers wait for you
    }
forms-back-to-answers = All answers
forms-csv = Save as CSV
forms-filter = Progress
forms-all = All
forms-state-new = New
forms-state-done = Done
forms-state-approved = Approved
forms-state-declined = Declined
forms-no-answers = There are no answers yet.
forms-none-in-state = No answers are in this state.
forms-column-received = Received
forms-column-state = Progress
forms-column-note = Note
forms-name-family = Family name
forms-name-given = Given name
forms-name-family-kana = Family name in katakana
forms-name-given-kana = Given name in katakana
forms-member = Member
forms-led-by = Led here by the plugin
forms-retired = (no longer asked)
forms-mark-done = Mark as done
forms-mark-new = Mark as new
forms-approval = Approve
forms-approval-lead = Approving makes a member, who is told the number and how to sign in by mail.
forms-alike = Members with the same address exist already. Please check that nobody is entered twice.
forms-number-hint = The next number is suggested.
forms-display-name-hint = What other members see.
forms-approve = Approve and make a member
forms-decline = Decline
forms-decline-confirm = The application is declined. No mail is sent. Are you sure?
forms-declined-lead = This application was declined. No mail was sent.
forms-note = Note
forms-note-hint = Only staff see it.
forms-note-save = Save the note
forms-answer-delete = Delete this answer
forms-answer-delete-lead = Answers hold personal data: delete what you no longer need. A member who was approved stays.
forms-answer-delete-confirm = The answer is deleted for good. Are you sure?
forms-text-too-long = This is too long, or has characters that can't be used.
forms-address-wrong = Up to 40 small letters, digits and hyphens, beginning with a letter.
forms-address-taken = Another form has this address.
forms-no-fields = Add at least one field.
forms-too-many-fields = A form has up to 50 fields.
forms-too-many = There are 200 forms, which is the most. Delete one that is not used.
forms-join-needs = A form for joining needs a name and an email address that have to be filled in.
forms-reply-needs = The automatic reply needs a field for the email address.
forms-purpose-answered = There are answers already, so this can no longer be changed. Please make a new form.
forms-number-needed = Please enter a whole number, such as 12.
forms-no-choices = Enter the choices, one in each line.
forms-too-many-choices = Up to 100 choices of up to 200 characters.
forms-same-choice = Two choices are the same.
forms-notify-address = One of the lines is not an email address.
forms-too-many-notified = Up to 10 addresses.
forms-number-wrong = A member number has up to 30 characters and no blanks.
forms-begun-contact = Contact
forms-begun-join = Join us
forms-begun-plugin = Registration
forms-begun-wishes = Anything that we should know
forms-begun-name = Name
forms-begun-email = Email address
forms-begun-lines = Your message
forms-begun-postal-code = Postal code
forms-begun-address = Postal address
forms-begun-phone = Phone number
forms-begun-consent = I agree to the rules and to how personal data are used
forms-choose = Please choose.
forms-consent-needed = Please tick the box if you agree.
forms-trapped = Please empty the field that is to be left empty, and try again.
forms-unheard = This was not sent, since the plugin that it is for can’t take it now. What you typed is still here: please try again later.
forms-too-soon = To keep robots out, this was not taken. Please check it once more and send it again.
forms-too-many-sent = Too much was sent in a short time, so nothing is taken right now. What you typed is still here: please try again in a few minutes.
forms-block-nothing = There is no form “{ $address }”. Please check its address.
forms-block-closed = The form “{ $address }” takes no answers.
forms-block-elsewhere = The form “{ $address }” is for plugins and can’t stand in a page.
forms-block-denied = The form “{ $address }” is not shown, since you are not among those who may answer it.
misfit-phone = Please enter a phone number with digits and hyphens, such as 03-1234-5678.
misfit-postal-code = Please enter the seven digits of a Japanese postal code, such as 100-0001.
misfit-kana = Please use katakana.
flash-form-sent = Your answer is sent. What comes of it is shown on this page.
flash-warning-form-answered = You have sent an answer before.
flash-form-saved = The form is saved.
flash-form-deleted = The form is deleted.
flash-answer-noted = The note is saved.
flash-answer-deleted = The answer is deleted.
flash-answer-approved = Approved. The new member is told by mail.
flash-answer-marked = The progress is changed.
flash-warning-answer-changed = Somebody else was faster. This is how it stands now.
flash-warning-answer-note-too-long = The note was too long to be saved. Up to 5,000 characters are taken.
activity-form-made = Made a form: { $detail }
activity-form-changed = Changed a form: { $detail }
activity-form-deleted = Deleted a form: { $detail }
activity-answer-done = Marked an answer as done: { $detail }
activity-answer-new = Marked an answer as new: { $detail }
activity-answer-declined = Declined an application: { $detail }
activity-answer-approved = Approved an application: member number { $detail }
activity-answer-deleted = Deleted an answer: { $detail }
activity-answers-exported = Saved answers as CSV: { $detail }

mail-form-reply-subject = [{ $organisation }] We received “{ $form }”
mail-form-reply-text =
    Thank you for sending “{ $form }”. We have received it.

    If this was not you, somebody may have entered your address by mistake. You can ignore this mail.

mail-form-reply-thanks-subject = [{ $organisation }] We received “{ $form }”
mail-form-reply-thanks-text =
    { $thanks }

    If this was not you, somebody may have entered your address by mistake. You can ignore this mail.

mail-form-notice-subject = [{ $organisation }] An answer to “{ $form }”
mail-form-notice-text =
    “{ $form }” was answered.

    { $answers }

    You can deal with it here:
    { $link }

mail-form-approved-subject = [{ $organisation }] Welcome
mail-form-approved-text =
    Dear { $name },

    your application to { $organisation } is approved. Welcome!

    Your member number: { $number }

    To sign in, enter this address ({ $email }) on the following page, and you get a code by mail.
    { $link }

# Lists of events
events-title = Events
which-events = Which events
coming-events = Upcoming events
past-events = Past events
all-events = See all events
no-events = There are no upcoming events yet.
no-past-events = There are no past events.
sign-in-for-events = Members see their own events too once they have signed in.
sign-in = Sign in
breadcrumbs = Where you are
pages = Pages
more = Show more
back = Back
cancel = Cancel
save = Save
edit = Edit
copy = Copy
delete = Delete
remove = Remove
add = Add
office = Office
former-member = Former member
until = –
weekday = { $day ->
    [1] {" "}(Mon)
    [2] {" "}(Tue)
    [3] {" "}(Wed)
    [4] {" "}(Thu)
    [5] {" "}(Fri)
    [6] {" "}(Sat)
   *[other] {" "}(Sun)
}
draft = Draft
called-off = Called off
full = Full
places-left = { $count ->
    [one] { $count } place left
   *[other] { $count } places left
}
waiting-count = { $count } waiting
amount-yen = ¥{ $amount }
amount-other = { $amount } { $currency }

# An event's page
when = When
where = Where
place-private = Told to those who are registered
place-open = To be announced
price = Price
price-each = (each person)
free = Free
capacity = Places
capacity-count = { $count }
register-until = Register until
withdraw-until = Cancel until
register-title = Registration
register = Register
register-full-note = The event is full. You can join the waiting list: when a place becomes free it is given in order, by itself, and you are told by mail.
to-form = Go on to the form
form-note = To register, answer the form “{ $title }”. Once you have sent it you come back here and see whether you are registered.
form-begun-note = If you have sent the form, the outcome is shown here in a moment. If not, go on to the form once more.
form-answered-note = You answered the form when you registered before; that answer is used again.
form-closed-note = The form for registering takes no answers now, so nobody can register. Please ask the office.
form-refused-note = Your answer to the form came, but you are not registered. { $reason }
wait = Join the waiting list
companions = People you bring along
companions-hint = Up to { $count } besides you. They take places too.
you-are-registered = You are registered
you-wait = You are on the waiting list
you-wait-note = You are number { $number }. When a place becomes free it is given in order, by itself, and you are told by mail.
with-companions = { $count } with you
own-total = To pay: { $amount }
pay-by-invoice = Please pay the invoice on your page
pay-at-the-door = Paid at the door
to-calendar = Add to a calendar (ICS file)
for-staff = Staff only
draft-note = This event is not published yet.
called-off-note = This event was called off.
begun-note = Registration for this event is over.
closed-note = Registration is closed.
sign-in-note = Sign in to register.
not-invited-note = This event is for certain members only.
no-member-note = Only members can register.
already-registered = There is a registration already.
more-than-capacity = There are not as many places.
companions-too-many = These are too many. See above how many you can bring along.
activity-registered = Registered for “{ $title }”

# Cancelling
withdraw = Cancel my registration
withdraw-title = Cancel my registration
withdraw-question = Cancel your registration for “{ $title }”?
withdraw-note = If others are waiting, your place goes to the next of them.
withdraw-billed = The invoice is taken back too.
withdraw-paid = The office will contact you about what you have paid.
withdraw-yes = Cancel the registration
withdrawal-closed = It is too late to cancel here. If you can't come, please tell the office.

# My page
my-events = My events
my-events-none = You are not registered for any coming event.
rate-this-year = Attendance this year: { $percent }% (came to { $attended } of { $registered })
rate-last-year = Attendance last year: { $percent }% (came to { $attended } of { $registered })

# Managing events
admin-title = Manage events
no-events-yet = There are no upcoming events. Begin with “New event”.
new-event-title = New event
edit-event-title = Edit event
edit-named = Edit “{ $title }”
participants-named = Participants of “{ $title }”
registered-count = { $count } registered
registered-of = { $count } registered ({ $capacity } places)
attended-rate = { $count } came ({ $percent }%)
edit-overtaken = Somebody else has changed this meanwhile. What you typed is still here: check it and save again.
publish = Publish
call-off = Call off
call-off-title = Call the event off
call-off-question = Call “{ $title }” off? This can't be undone.
call-off-people = Registrations ({ $count }) are cancelled, and everybody is told by mail.
call-off-yes = Call it off
not-published = This can only be done with a published event.
delete-title = Delete the draft
delete-question = Delete the draft “{ $title }” with its tasks?
delete-not-draft = A published event can't be deleted. Call it off if it does not take place.
delete-yes = Delete
title = Title
starts-at = Begins
ends-at = Ends
ends-at-hint = Empty: two hours later.
zone-hint = By the clocks of { $zone }. Example: 2026-12-24 18:00
place = Place
place-hint = Name or address of the place, or for an online event a link that begins with https://
place-is-private = Only those who are registered see the place
description = Description
description-hint = An empty line begins a paragraph. **Bold**, lists (- at the beginning of a line) and links work too.
form = Form for registering
form-hint = Members answer it to register. Make such a form under “Overview” → “Forms”, for use by plugins.
form-none = None (one button registers)
form-is-closed = {" "}(closed)
who-registers = Registration
gate = Who may register
gate-members = All members
gate-tiers = Certain tiers
gate-labels = Certain labels
gate-segments = Certain segments
gate-keys = URL names of the tiers, labels or segments
gate-keys-hint = For “certain …” above. Separate several with commas, such as gold, silver
is-public = Others may see the event too
capacity-hint = People, with those who are brought along. Empty: no limit. When all places are taken there is a waiting list.
companions-most = People that a member may bring along
companions-most-hint = 0: nobody.
deadline-hint = Empty: until the event begins.
price-usual = Usual price for one person
price-hint = In { $currency }. 0: free. Where invoices are allowed, each registration is billed at once.
tier-prices = Prices for single tiers
tier-prices-hint = Only tiers with another price, one in a line: URL name of the tier=amount. Example: gold=2000
kind = Kind of event (task list)
kind-hint = The tasks of the list come onto the event's board.
kind-none = None
save-draft = Save as a draft

# Timetable
timetable-title = Timetable
timetable-empty = There is nothing yet. Add what happens, such as doors and beginning.
timetable-full = A timetable has at most 100 entries.
add-session = Add to the timetable
session-title = Edit the timetable
session-name = What
session-for-staff = Staff only
remove-named = Remove “{ $title }”

# Participants
participants-title = Participants
state-registered = Registered
state-waiting = Waiting
state-cancelled = Cancelled
taken-of = { $count } of { $capacity } places taken
visits = Events so far
visits-of = { $came } of { $count }
attended-count = { $count } came
no-participants = There are none.
add-participant = Add a participant
export = Download as CSV
action = Action
cancel-registration = Cancel
cancel-registration-named = Cancel the registration of { $name }
to-refund-lead = Some had paid when they cancelled or the event was called off. Take their invoices back: what they paid becomes their credit, which you can give back together on the page of payments.
take-all-back = Take the invoices of all who paid back
take-all-back-begun = The invoices are being taken back; each is marked when it is done. Give the money back on the page of payments.
take-back-invoice = Take the invoice back
take-back-invoice-question = What was paid becomes the member's credit. Give it back on the page of payments.
payment-billed = Billed
payment-paid = Paid
payment-to-refund = To refund
payment-taken-back = Invoice taken back
member-name = Name of the member
find = Find
nobody-found = No member of this name was found.
more-found = There are more. Type more of the name.
beyond-capacity = Even beyond the capacity
register-named = Register { $name }
answer = Answer
see-answer = See the answer
answer-of = See { $name }’s answer
csv-name = Name
csv-tier = Tier
csv-state = State
csv-companions = With them
csv-at = Registered
csv-attended = Attendance
csv-total = Price
csv-payment = Payment
csv-cut = There are more; the file ends here.

# Attendance
attendance-title = Attendance
attendance-counts = { $registered } registered, { $came } came, { $away } stayed away
came = Came
stayed-away = Stayed away
take-back = Undo
came-named = { $name } came
stayed-away-named = { $name } stayed away
take-back-named = Undo for { $name }
and-companions = +{ $count }
rest-came = All others came
rest-came-question = Mark everybody on this page who is not marked yet as having come?

# Rates
rates-title = Attendance rates
rates-year = { $year }
rate = Rate
kind-other = No kind
all = All

# Tasks
tasks = Tasks
overview-title = Tasks at a glance
board-title = Tasks for “{ $event }”
progress = { $done } of { $all } done
no-tasks = There are no tasks yet.
overdue = Overdue
overdue-count = { $count } overdue
overdue-title = Overdue tasks
more-overdue = There are more. See tasks at a glance
even-more-overdue = There are more. See the boards of the events.
to-overview = See tasks at a glance
load-title = Who has how much to do
open-tasks = Open
owner = Owner
owner-hint = The name that the office uses. Names typed before are suggested.
no-owner = No owner
state = State
todo = To do
doing = Doing
done = Done
dropped = Dropped
move-todo = To “To do”
move-doing = To “Doing”
move-done = To “Done”
move-dropped = To “Dropped”
column-empty = None
board-empty = There are no tasks yet. Add one above, or bring in a list.
board-full = An event has at most 500 tasks.
add-task = Add a task
task-title = Task
unplanned = Added
due = Due
due-none = On no day
due-before = So many days before the event
due-fixed = On a date
due-date = Due date
due-on = Due { $date }
days-before = Days before the event
days-before-hint = Such as 14. After the event: -7 for seven days later.
days-before-event = { $days ->
    [one] { $days } day before
   *[other] { $days } days before
}
days-after-event = { $days ->
    [one] { $days } day after
   *[other] { $days } days after
}
tell-staff = Urgent: tell everybody who works on tasks by mail
apply-list = Task list
apply = Bring in
list-applied =
    { $count ->
        [0] All tasks of the list are on this board already.
        [one] { $count } task was added from the list.
       *[other] { $count } tasks were added from the list.
    }
note = Note
back-to-board = Back to the board
comments = Comments
comment-count = { $count ->
    [one] { $count } comment
   *[other] { $count } comments
}
comment = Write a comment
comment-by = Your name
write-comment = Write
comments-full = A task has at most 200 comments.

# Task lists
lists-title = Task lists
lists-lead = Keep what is to be done for each kind of event. Chosen for an event, the tasks come onto its board by themselves.
no-lists = There are no lists yet.
new-list = New list
list-name = Kind of event
list-name-hint = Such as lecture, bus trip
list-empty = There are no tasks yet. Add one below.
list-full = A list has at most 100 tasks.
lists-full = There can be at most 50 lists.
list-taken = There is a list of this name already.
task-count = { $count ->
    [one] { $count } task
   *[other] { $count } tasks
}
rename = Rename
delete-list-title = Delete the list
delete-list-question = Delete the list “{ $name }”? Tasks that events got from it stay.

# Mistakes
title-missing = Type something here.
title-too-long = At most 80 characters.
place-too-long = At most 300 characters.
description-too-long = At most 10,000 characters.
note-too-long = At most 2,000 characters.
owner-too-long = At most 40 characters.
comment-missing = Type a comment.
time-malformed = Type a date and a time, such as 2026-12-24 18:00
end-before-start = The end comes after the beginning.
deadline-after-start = The deadline is not after the beginning.
capacity-malformed = Type a number from 1.
companions-malformed = Type a number from 0 to 20.
price-malformed = Type a whole amount from 0.
tier-prices-malformed = One in a line: URL name of the tier=amount, such as gold=2000
gate-missing = Choose who may register.
gate-keys-missing = Type the URL names of tiers, labels or segments.
gate-keys-malformed = URL names have small letters a to z, digits and hyphens.
date-malformed = Type a date, such as 2026-12-24
days-malformed = Type a number from -365 to 365.
state-missing = Choose a state.

# Mails
mail-when = { $date }{ $weekday ->
    [1] {" "}(Mon)
    [2] {" "}(Tue)
    [3] {" "}(Wed)
    [4] {" "}(Thu)
    [5] {" "}(Fri)
    [6] {" "}(Sat)
   *[other] {" "}(Sun)
} { $time }
mail-registered-subject = You are registered for “{ $title }”
mail-registered-text =
    You are registered for “{ $title }”.

    When: { mail-when }
    Where: { $has_place ->
        [yes] { $place }
       *[other] to be announced
    }

    If you can't come, please cancel here:
    { $base }/events/{ $event }
mail-waiting-subject = You are on the waiting list for “{ $title }”
mail-waiting-text =
    You are on the waiting list for “{ $title }” ({ mail-when }).
    When a place becomes free it is given in order, by itself, and you are told by mail.

    { $base }/events/{ $event }
mail-promoted-subject = You have a place at “{ $title }”
mail-promoted-text =
    A place became free: you are registered for “{ $title }”.

    When: { mail-when }
    Where: { $has_place ->
        [yes] { $place }
       *[other] to be announced
    }

    If you can't come, please cancel soon, so that others get the place:
    { $base }/events/{ $event }
mail-not-registered-subject = You are not registered for “{ $title }”
mail-not-registered-text =
    You answered the form for “{ $title }” ({ mail-when }), but you are not registered.
    { $reason }

    { $base }/events/{ $event }
mail-cancelled-subject = Your registration for “{ $title }” was cancelled
mail-cancelled-text =
    The office of { $organisation } has cancelled your registration for “{ $title }” ({ mail-when }).
    If you don't know why, please ask the office.

    { $base }/events/{ $event }
mail-called-off-subject = “{ $title }” was called off
mail-called-off-text =
    “{ $title }” ({ mail-when }), for which you had registered, was called off.
    Your registration is cancelled. If you have paid, the office will contact you.

    { $base }/events/{ $event }
mail-reminder-subject = “{ $title }” is soon
mail-reminder-text =
    “{ $title }”, for which you are registered, is soon.

    When: { mail-when }
    Where: { $has_place ->
        [yes] { $place }
       *[other] to be announced
    }

    If you can't come, please cancel here:
    { $base }/events/{ $event }
mail-overdue-subject = Overdue tasks: { $count }
mail-overdue-text =
    { $count ->
        [one] { $count } task for events is overdue.
       *[other] { $count } tasks for events are overdue.
    }

    { $tasks }

    { $base }/tasks
mail-task-added-subject = Urgent task: { $task }
mail-task-added-text =
    There is an urgent task for “{ $title }”.

    { $task }
    Owner: { $has_owner ->
        [yes] { $owner }
       *[other] nobody yet
    }

    { $base }/tasks/of/{ $event }

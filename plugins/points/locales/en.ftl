# Balance and history
card-title = Points
points-count = { $points } pt
of-these-limited = { $points } pt limited-time
of-these-paid = { $points } pt paid for
expires-next = { $points } pt expire unless used by { $on }
to-history = See the history
history-title = History of your points
no-member = You have no points, since you are not registered as a member.
balance = Balance
expiries-title = Expiry
expiry = Until { $on }: { $points } pt
limited = Limited-time
paid = Paid for
entries-title = History
no-entries = There is no history yet.
entry-granted = Granted
entry-spent = Spent
entry-expired = Expired
entry-adjusted = Adjusted by the office
entry-given-back = Given back
entry-taken-back = Taken back
entry-reason = : { $reason }
balance-after = Balance { $points }
valid-until = Valid until { $on }
lost-expired = { $points } had expired and did not come back
lost-spent = { $points } were spent already and stay
pages = Pages
newest = To the newest
older = Older
breadcrumbs = You are here
cancel = Cancel

# Members' points, for staff
admin-title = Points
members-title = Members' points
no-members = There are no members yet.
nameless = (no name)
tier-is = Tier: { $tier }
first-page = To the first page
more = More
balance-of = { $name } has { $points } pt
adjust-title = Adjust points
adjust = Adjust
direction = Kind of adjustment
direction-add = Add (grant)
direction-remove = Remove (take away)
points = Points
reason = Reason
reason-hint = The member sees it in their history. At most 60 characters.
when-adding = When adding
expires-on = Valid until
expires-on-hint = Usable through this day. Empty: they never expire.
is-limited = Limited-time points
is-paid = Points that were paid for
is-paid-hint = Points that were paid for have to expire by { $on } (within six months of their issue).
adjust-overtaken = The member's points changed while you were typing. Look at the balance below and send the form again. What you typed is still there.
counter-title = Spend at the counter
counter-spend = Spend
counter-done = The points were spent.
give-back-title = Give back
give-back = Give the points back
give-back-lead = Up to { $points } pt can come back. They keep their last day.
give-back-late = What has expired meanwhile can be used for { $days } days from today.
give-back-lost = What has expired meanwhile does not come back.
give-back-done = All of it was given back already.
back-to-member = Back to the member
refused-short = There are not enough points. The balance is { $points } pt.
refused-pieces = At most { $points } pt can be spent at once, since they are in many small pieces. Please enter them in parts.
refused-taken = This number was used for something else already.
refused-too-much = At most { $points } pt can come back.

# Mistakes
points-missing = Please enter the points.
points-malformed = Points are a whole number from 1 to 1,000,000.
line-missing = Please fill this in.
line-too-long = At most 60 characters, please.
direction-missing = Please choose whether to add or to remove.
count-malformed = Please enter a whole number from 1 that is not too large.
times-malformed = Please enter a number from 1.1 to 10, such as 2 or 1.5.
date-malformed = Please enter a date, such as 2026-12-31.
date-missing = Please enter a date.
date-passed = Please enter today or a later day.
paid-too-long = Points that were paid for have to expire within six months of their issue.
until-before-from = The last day can't be before the first.
tiers-malformed = URL names of tiers have lower case letters, digits and hyphens (-).
occasion-missing = Please choose what points are for.
per-missing = Please enter the amount that the points are for.
validity-missing = Please choose how long points are valid.
valid-for-missing = Please enter the number of days or months.
valid-until-missing = Please enter the last day.
overtaken = Somebody else changed this while you were editing. Look at it and save again. What you typed is still there.

# Rules and campaigns
rules-title = Rules and campaigns
campaigns-title = Campaigns
no-rules = There are no rules yet. Begin with one for joining, for example.
rules-full = There can be 50 rules and 50 campaigns. Please remove one that is not in use.
new-rule-title = New rule
edit-rule-title = Edit rule
new-campaign-title = New campaign
edit-campaign-title = Edit campaign
on = On
off = Off
coming = Coming
over = Over
rule-name = Name
rule-name-hint = Members see it in their history, such as “Welcome bonus”.
occasion = What points are for
occasion-joined = Joining
occasion-paid = A paid invoice
occasion-attended = Attending an event
occasion-posted = A post on the board
per = For each amount of ({ $currency })
per-hint = For paid invoices: with 100, the points above are given for every 100 paid. Rests are dropped.
points-per = { $points } pt for every { $per }
terms = The points
validity = How long points are valid
validity-months = Some months
validity-days = Some days
validity-until = Until a day
validity-forever = For ever
valid-for = Months or days
valid-for-hint = For “some months” and “some days”.
valid-until-date = Last day
valid-until-hint = For “until a day”.
tiers = For these tiers
tiers-hint = URL names of tiers, with commas between them, such as gold, silver. Empty: all members.
limits = Limits
per-day = Times for each member in a day
per-member = Times for each member in all
limit-hint = Empty: no limit.
limit-day = { $count } in a day
limit-member = { $count } for each member
period = Period
period-hint = Empty: always.
from = First day
until = Last day
save-hint = Saving switches it off. The next page shows what it would do; switch it on there.
save-and-try = Save and try out
times-label = How many times the points
times-hint = Added to the usual points, such as 2 or 1.5. Where campaigns overlap, each adds its own.
times-as-many = { $times } times
campaign-period = Period
campaign-rules = For these rules
campaign-rules-hint = None chosen: all rules.
cap = At most so many points in all
cap-hint = For all members together. Empty: no limit.
cap-used = { $granted } of { $cap } pt granted
between = { $from } to { $until }
edit = Edit
try-title = Trial
try-named = Try “{ $name }” out
try-or-on = Try out and switch on
try-or-off = Try out or switch off
try-lead = Over the last { $days } days it would have done this.
try-occasions = Occasions
try-grants = Grants
try-members = Members
try-points = Points in all
times = { $count }
people = { $count }
try-capped = The limit in all is reached.
try-not-all = There is so much that only the newest was looked at.
try-nothing = Nothing of the kind happened in this time.
try-note = Conditions on the period were left out. A campaign was tried with the rules that are on.
try-overtaken = This was changed after you tried it out. Please try it out again.
switch-on = Switch on
switch-off = Switch off
remove = Remove
remove-question = Remove “{ $name }”? Points that were granted and their history stay.
remove-while-on = What is on can't be removed. Switch it off first.

# Statement
statement-title = Monthly statement
statement-of = { $from } to { $until }
statement-running = This month up to now.
statement-partial = There is so much that was not summed up yet that some of it is missing. Please look again tomorrow.
statement-note = What has expired is entered on the day after.
statement-csv = Save as CSV
statement-what = What
statement-free = Free
statement-paid = Paid for
statement-all = All
statement-before = Outstanding before
statement-granted = Granted
statement-given-back = Given back
statement-added = Adjusted up
statement-removed = Adjusted down
statement-spent = Spent
statement-taken-back = Taken back
statement-expired = Expired
statement-after = Outstanding
previous-month = Month before
next-month = Month after

# Ranks
ranks-title = Ranks
ladder-title = Thresholds
tier = Tier
ladder-points = Points of the last 12 months
points-from = from { $points } pt
ladder-note = Thresholds are set in the settings of this plugin. Members go up at once, and down on the first morning of a month.
falling-title = Who would go down today
falling-lead = Points that are earned until then change this.
falls = { $from } → { $to }
earned = { $points } pt in the last 12 months
falling-none = Nobody would.
falling-none-here = Nobody on this page would.
no-ladder = There are no thresholds yet. Choose tiers and points in the settings of this plugin.

# Paying with points
checkout-title = Pay with points
checkout-back = Back to the invoices
checkout-open = To be paid of invoice { $number }: { $amount }
checkout-balance = You have { $points } pt
checkout-value = One point counts as { $value }.
checkout-points = Points to use
checkout-hint = At most { $points } pt. Pay the rest in another way.
checkout-pay = Pay with these points
checkout-too-many = At most { $points } pt can be used for this invoice.
checkout-none = You have no points that can be used for this invoice. Please pay in another way.
checkout-done = This invoice is paid.
checkout-reason = Invoice { $number }

mail-expiring-subject = { $points } points are about to expire
mail-expiring-text =
    This is about your points at { $organisation }.

    { $points } points expire by { $last }, the first of them after { $first }.

    { $base }/
mail-rank-up-subject = Your rank has gone up
mail-rank-up-text =
    Your rank at { $organisation } has gone up. Thank you.
    Points that you earned in the last 12 months: { $points }

    You find the new rank on your page.
mail-rank-down-subject = Your rank has changed
mail-rank-down-text =
    Ranks at { $organisation } were looked at again, and yours has changed.
    Points that you earned in the last 12 months: { $points }

    You find the new rank on your page.

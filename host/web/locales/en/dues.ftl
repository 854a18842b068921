invoices-nav-dues = Dues
dues-new = Prepare dues
dues-edit = Change these dues
dues-back = Back to dues
dues-none = There are no dues yet. Once you have set a term and prices, you see who would pay how much before anything is sent.
dues-not-begun = Nobody has been asked yet.
dues-running = Issuing invoices
dues-progress = { $settled } of { $invoices } are paid. Received { $paid }, unpaid { $open }
dues-about = What they are
dues-name = Name
dues-name-hint = Stands on the invoices, such as: Dues 2027
dues-term = Term of membership
dues-begins = First day of the term
dues-ends = Last day of the term
dues-due-on = To be paid by
dues-term-hint = Whoever pays is a member in this term. Who has not paid lapses when the term before and its grace are over.
dues-prices = Prices
dues-prices-hint = A tier that is left empty pays what its type pays; where that is empty too, nobody is asked. With 0, membership goes on without paying.
dues-usual = Price
dues-of-tier = Price for { $tier }
dues-everybody = All members
dues-no-type = Members without a type
dues-tax-kind = Consumption tax
dues-tax-kind-hint = Ordinary dues, for being a member, are as a rule outside its scope.
dues-how = How to ask
dues-by-mail = Tell members by mail that there is an invoice
dues-with-lapsed = Ask members whose membership has lapsed too
dues-save = Save and see the forecast
dues-mail-fact = Mail to members
dues-mail-yes = Yes
dues-mail-no = No
dues-invoices = Invoices issued
dues-paid = Paid
dues-open = Unpaid
dues-free = Nothing to pay
dues-count = { $count ->
    [one] { $count } invoice:
   *[other] { $count } invoices:
 }
dues-people = { $count }
dues-see-unpaid = See who has not paid
dues-at-work = Invoices are being issued: { $count } so far. It goes on when you close this page.
dues-stop = Stop here
dues-would = Forecast
dues-run-again = Who can be asked besides
dues-who = Members
dues-price = Price
dues-members = How many
dues-sum = Sum
dues-nobody = There is nobody to ask.
dues-done = { $count ->
    [one] One member was asked before, and is not asked twice.
   *[other] { $count } members were asked before, and are not asked twice.
 }
dues-covered = { $count ->
    [one] One is a member on the first day of the term already, and is not asked.
   *[other] { $count } are members on the first day of the term already, and are not asked.
 }
dues-left-out = { $count ->
    [one] One is not asked, having left or not begun.
   *[other] { $count } are not asked, having left or not begun.
 }
dues-left-out-lapsed = { $count ->
    [one] One is not asked, having lapsed, left or not begun.
   *[other] { $count } are not asked, having lapsed, left or not begun.
 }
dues-unpriced = { $count ->
    [one] One member has no price, and is not asked.
   *[other] { $count } members have no price, and are not asked.
 }
dues-run-lead = Invoices get their numbers and can't be changed afterwards.
dues-run-lead-mail = Invoices get their numbers and can't be changed afterwards. Members are told by mail.
dues-run = Ask { $count }
dues-run-confirm = Issue the invoices of { $count } members?
dues-delete = Delete these dues
dues-delete-confirm = Delete these dues?
dues-price-negative = Enter a price of 0 or more.
dues-no-prices = Enter at least one price.
dues-term-too-long = A term has at most ten years.
flash-dues-saved = The dues were saved.
flash-dues-running = Invoices are being issued.
flash-dues-stopped = No more invoices are issued. You can go on at any time.
flash-dues-deleted = The dues were deleted.
flash-warning-dues-changed = They were changed meanwhile. Please look at them again.
activity-dues-saved = Dues saved: { $detail }
activity-dues-deleted = Dues deleted: { $detail }
activity-dues-run = Issuing invoices for dues: { $detail }
activity-dues-stopped = Stopped issuing invoices for dues: { $detail }
dues-proposed-name = Dues { $year }
mail-dues-subject = { $dues }: please pay
mail-dues-text =
    Dear { $name },

    This is { $organisation }.
    Your { $dues } are to be paid.

    Invoice: { $number }
    Amount: { $amount }
    Due: { $due }

    You find the invoice and the ways of paying on your page:
    { $link }

    If you have paid in the meantime, please disregard this mail.
dues-charge-on = Charge on
dues-charge-on-hint = Members who have saved a card or another way of paying are charged at nine in the morning of this day. Empty: nobody is charged automatically.
dues-charged = { $count ->
    [one] One of them is
   *[other] { $count } of them are
 } charged on { $day } by what they saved.
mail-dues-charged-subject = { $dues }: how they will be paid
mail-dues-charged-text =
    Dear { $name },

    This is { $organisation }.
    Your { $dues } will be paid automatically by the way of paying that you saved. You need do nothing.

    Invoice: { $number }
    Amount: { $amount }
    Day of payment: { $day }
    Way of paying: { $method }

    You can change it, or stop automatic payment, on your page:
    { $link }

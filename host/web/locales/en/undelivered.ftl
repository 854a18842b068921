undelivered-title = Notices that could not be handled
undelivered-lead = Notices and tasks that plugins could not handle however often they tried. Try again once the cause is gone, or discard what is not needed.
undelivered-empty = Everything has been handled.
undelivered-waiting = { $count ->
    [one] { $count } notice could not be handled.
   *[other] { $count } notices could not be handled.
 }
undelivered-kind-event = Notice
undelivered-kind-job = Task
undelivered-reason-trapped = The plugin stopped with an error.
undelivered-reason-timed-out = The plugin did not finish in time.
undelivered-reason-declined = The plugin declined to handle it.
undelivered-reason-not-loadable = The plugin could not be loaded.
undelivered-reason-too-deep = Notices kept causing further notices, so they were stopped.
undelivered-reason-unwanted = The plugin no longer takes it, or is no longer allowed to.
undelivered-reason-lost = The server stopped each time that it was tried.
undelivered-tried = { $count ->
    [one] Tried { $count } time
   *[other] Tried { $count } times
 }
undelivered-detail = Details
undelivered-retry = Try again
undelivered-discard = Discard
undelivered-discard-confirm = Discard it? This can't be undone.
flash-undelivered-retried = It is tried again. If it fails once more, it comes back to this list after a while.
flash-undelivered-discarded = It was discarded.
flash-undelivered-gone = It was handled or discarded already.
activity-work-retried = Tried a notice again
activity-work-discarded = Discarded a notice
plugin-power-events-emit = Tell other plugins what happens
plugin-power-jobs-enqueue = Plan tasks for later
plugin-hears = Hear what happens in the plugin "{ $plugin }"
plugin-hears-member-joined = Hear of new members
plugin-hears-page-published = Hear of pages that are published
plugin-hears-form-answered = Get what members answer to forms that it led them to
plugin-hears-invoice-issued = Hear of invoices that are issued
plugin-hears-invoice-paid = Hear of invoices that are paid
plugin-hears-invoice-refunded = Hear of invoices that are taken back

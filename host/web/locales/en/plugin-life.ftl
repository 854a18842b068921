plugins-newer-title = Version { $version } is there
plugins-wider = This version asks for more than you allow today. The present version goes on until you agree.
plugins-narrower = This version asks for nothing beyond what you allow today.
plugins-optional = optional
plugins-new = new
plugins-forbidden = not permitted by the operator of this server
plugins-update-wider = Allow and update
plugins-grant-title = What you allow it to do
plugins-grant-change = Change what it may do
plugins-run-title = What will change
plugins-run-nothing = Nothing on your site changes.
plugins-run-menu-added = New entries for your menus: { $names }
plugins-run-menu-removed = Entries that are no longer offered: { $names }
plugins-run-pages-added = New pages: { $names }
plugins-run-pages-removed = Pages that will be gone: { $names }
plugins-run-blocks-added = New blocks for your pages: { $names }
plugins-run-blocks-removed = Blocks that will be gone: { $names }
plugins-run-rules-added = New conditions for segments: { $names }
plugins-run-rules-removed = Conditions for segments that go away (nobody meets them any more): { $names }
plugins-run-fields-added = New fields in members' records: { $names }
plugins-run-fields-removed = Fields that leave members' records (what was entered is kept): { $names }
plugins-run-staff = You can allow staff something new: { $names }
plugins-run-opened = More people than before can come here: { $names }
plugins-run-documents = { $documents ->
    [one] { $documents } document is copied
   *[other] { $documents } documents are copied
 }; meanwhile everything can be read, and nothing can be posted.
plugins-run-indexes = The data is sorted anew for searching ({ $count }).
plugins-refused-changed = Another version was installed meanwhile. Please look at what it asks for once more.
plugins-refused-downgrade = This version is older than the one in use.
plugins-refused-needed = The plugin can't work without what you left out.
plugins-refused-policy = The operator of this server does not permit this plugin, or something that it can't do without.
plugins-history-title = What was done with plugins
plugins-history-lead = Who switched plugins on or off, updated them, or changed what they may do.
plugins-history-what = What
plugins-history-by = Who
plugins-history-system = System
plugins-history-empty = Nothing yet.
flash-plugin-grant-changed = What the plugin may do was changed.
plugin-power-notify = Send mail to members and staff (it sees no addresses, and members can choose not to get it)
plugin-power-invoices = Issue invoices to members and take them back (it sees only those that it issued)
plugin-power-payments = Be a way of paying (it sees the invoices that are paid with it, and records payments and refunds)
plugin-power-receivables = See all unpaid invoices, and the names of the members who are to pay them
plugin-power-forms = See which forms are made for plugins, and lead members to them
plugin-power-members-write = Change members’ tiers and labels (each change is noted)
activity-plugin-changed-member = A plugin changed a member’s tier or labels: { $detail }
plugin-power-activities = Add lines to members' timelines
activity-plugin-enabled = Switched on the plugin { $detail }
activity-plugin-disabled = Switched off the plugin { $detail }
activity-plugin-paused = Paused the plugin { $detail }, which kept failing
activity-plugin-resumed = Let the paused plugin { $detail } go on
activity-plugin-grant-changed = Changed what the plugin { $detail } may do
plugins-upgrading = Being updated
plugins-upgrade-title = Update to version { $version }
plugins-upgrade-doing-documents = Copying data: { $copied } of { $total }
plugins-upgrade-doing-answers = Copying what was sent before
plugins-upgrade-doing-steps = The new version prepares its data (step { $steps })
plugins-upgrade-doing-indexes = Sorting the data for searching
plugins-upgrade-doing-switch = Changing over
plugins-upgrade-meanwhile = Meanwhile everything can be read, and nothing can be posted. This page renews itself.
plugins-upgrade-stop = Stop the update
plugins-upgrade-failed = The update to version { $version } did not work. The present version goes on as before.
plugins-upgrade-problem-step = The new version could not take over the data.
plugins-upgrade-problem-endless = The new version came to no end.
plugins-upgrade-problem-index = Some of the data does not fit the new version.
plugins-upgrade-problem-away = Something did not answer for long. Please try again.
plugins-upgrade-problem-stopped = It was stopped.
plugins-kept-title = Data of an earlier use
plugins-kept = { $documents ->
    [one] { $documents } document was kept
   *[other] { $documents } documents were kept
 } when version { $version } was uninstalled.
plugins-kept-use = Go on with it
plugins-kept-leave = Begin with nothing; what was kept stays aside
plugins-rollback-title = Back to version { $version }
plugins-rollback-lost = { $documents ->
    [0] Nothing has been written since the update.
    [one] { $documents } document was written or changed since the update; it is lost for good.
   *[other] { $documents } documents were written or changed since the update; they are lost for good.
 } What was deleted since comes back.
plugins-rollback-until = Possible until:
plugins-rollback = Go back
plugins-rollback-confirm = Go back to the version before? What was written since the update is lost for good.
plugins-uninstall-title = Uninstall
plugins-export-hint = You can save all of its data in a file first (one line of JSON for each document).
plugins-export = Save the data in a file
plugins-uninstall-legend = What becomes of its data?
plugins-uninstall-keep = Keep it, to go on with it later
plugins-uninstall-erase = Erase it for good, with everything kept from earlier
plugins-uninstall = Uninstall
plugins-erase-kept = Erase what was kept
plugins-uninstall-confirm = Really? Erased data can't be brought back.
flash-plugin-upgrading = The update has begun.
flash-plugin-upgrade-stopped = The update was stopped. The present version goes on.
flash-plugin-rolled-back = The version before is back.
flash-plugin-kept = The plugin is uninstalled. Its data was kept.
flash-plugin-erased = The plugin is uninstalled, and its data is being erased.
activity-plugin-upgrade-begun = Began to update to the plugin { $detail }
activity-plugin-upgraded = Updated the plugin { $detail }
activity-plugin-upgrade-failed = The update to { $detail } did not work
activity-plugin-upgrade-stopped = Stopped the update to { $detail }
activity-plugin-rolled-back = Went back with the plugin { $detail }
activity-plugin-exported = Saved the data of the plugin { $detail } in a file
activity-plugin-uninstalled-kept = Uninstalled the plugin { $detail } and kept its data
activity-plugin-uninstalled-erased = Uninstalled the plugin { $detail } and erased its data
activity-plugin-taken-up = Went on with what was kept of the plugin { $detail }
activity-member-exported = Saved all data of the member { $detail } in a file
activity-member-erased = Erased the member { $detail }

# The staff area's pages about staff, and its menu.

admin-nav-overview = Overview
admin-nav-pages = Pages
admin-nav-files = Pictures and files
admin-nav-site = Site settings
admin-nav-plugins = Plugins
admin-nav-staff = Staff

staff-title = Staff
staff-lead = The people who look after this site.
staff-name = Name shown
staff-email = Email address
staff-permissions = May do
staff-since = since { $date }
staff-you = you
staff-remove = Remove
staff-remove-of = Remove { $name } from the staff

staff-invitations = Invitations
staff-invitations-lead = These people were sent an email and have not chosen a password yet.
staff-invitation-until = open until { $date }
staff-withdraw = Withdraw
staff-withdraw-of = Withdraw the invitation to { $name }

staff-invite = Invite someone
staff-invite-lead = They get an email with a link. Once they have chosen a password, they are staff.
staff-invite-name-hint = Shown in the staff area and in announcements.
staff-invite-send = Send the invitation

staff-remove-title = Remove from the staff?
staff-remove-text = { $name } can no longer use the staff area from then on. If they are a member, they stay one.
staff-remove-self = You are about to remove yourself. You will not be able to come back to the staff area.
staff-remove-cancel = Cancel
staff-remove-last = The last owner can’t be removed. Please invite another owner first.

permission-owner = Owner (everything)
permission-site = Edit pages and the site
permission-members = See and change member records
permission-plugins = Set up plugins
permission-staff = Invite and remove staff
permission-of-plugin = { $plugin }: { $name }

error-already-staff = This person is already staff.
error-no-permission = Please choose at least one.

flash-staff-invited = The invitation has been sent.
flash-staff-removed = They have been removed from the staff.
flash-invitation-withdrawn = The invitation has been withdrawn.

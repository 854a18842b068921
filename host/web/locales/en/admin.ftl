# Where staff arrive, and looking at the site as somebody else.

overview-title = Overview
overview-steps = First steps
overview-step-name = Choose the site's name, logo and colour
overview-step-home = Make the home page
overview-step-contact = Make a page for enquiries
overview-step-privacy = Make a page with the privacy policy
overview-step-menu = Make the menus
overview-step-done = Done
overview-drafts = Waiting to be published
overview-site-draft = Site settings and menus
overview-no-drafts = { $count ->
    [one] Nothing waits to be published. One page is published.
   *[other] Nothing waits to be published. { $count } pages are published.
}
overview-failures-more = More
overview-activity = Latest changes

see-as-title = See it as somebody else before you publish
see-as-lead = Look at the whole site as if your saved drafts were published. Nobody else sees them.
see-as-visitor = Somebody not signed in
see-as-tier = A member: { $name }
see-as-segment = A member in { $name }
see-as-member = See as this member
see-as-number = Member number
flash-warning-no-such-member = There is no member with this number.

problem-looking-only-title = You are looking as somebody else
problem-looking-only-text = Meanwhile you can only look. End it from the bar at the top, then try again.

activity-page-published = Published the page "{ $detail }"
activity-page-undone = Took back the publication of "{ $detail }"
activity-page-deleted = Deleted the page "{ $detail }"
activity-page-brought-back = Brought back the page "{ $detail }"
activity-site-published = Published the site settings
activity-site-undone = Took back the site settings
activity-file-added = Added the file "{ $detail }"
activity-file-changed = Changed the file "{ $detail }"
activity-file-deleted = Deleted the file "{ $detail }"
activity-seen-as-member = Looked at the site as { $detail }
activity-staff-removed = Removed { $detail } from the staff

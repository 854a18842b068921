# Lists of boards and threads
boards-title = Board
breadcrumbs = You are here
thread-count = { $count ->
    [one] { $count } thread
   *[other] { $count } threads
}
reply-count = { $count ->
    [one] { $count } reply
   *[other] { $count } replies
}
last-post = Last post { $at }
no-boards = There are no boards that you can read at the moment.
sign-in-for-boards = Members can read them after signing in.
board-closed = Read only
board-closed-note = This board is read only at the moment.
new-thread = Start a thread
sign-in-to-write = Please sign in to write.
sign-in-to-reply = Please sign in to reply.
sign-in = Sign in
no-threads = No threads yet.
pages = Pages
newest-threads = Newest threads
older-threads = Older threads

# Marks
pinned = Pinned
closed = Closed
hidden = Hidden
office = Office
former-member = Former member

# A thread
post-number = No. { $number }
post-by = Post by { $name } (No. { $number })
edited = edited { $at }
post-deleted = The author deleted this post.
post-hidden = The office has hidden this post.
thread-hidden-title = Hidden thread
thread-hidden-note = The office has hidden this thread.
thread-closed-note = This thread takes no more replies.
back-to-board = Back to “{ $board }”
earlier-posts = Previous page
later-posts = Next page
page-of = Page { $current } of { $last }
edit = Edit
delete = Delete
report = Report
reply = Reply
reply-title = Write a reply
what-you-typed = What you typed (copy it if you need it)

# Writing
new-thread-title = Start a thread
guidelines = Guidelines
start-thread = Post
title = Title
body = Text
body-hint = A blank line starts a new paragraph. **Bold**, lists (lines beginning with -) and links work too.
cancel = Cancel
save = Save
edit-title = Edit post
edit-overtaken = This post was changed elsewhere while you were editing. Please look at the newer text below, then save again. What you typed is still here.
edit-newer = The newer text
edit-yours = What you typed
delete-title = Delete post
delete-question = This deletes the post for good. Continue?
delete-thread-question = This deletes the post for good: the whole thread if nobody has replied, only its text otherwise. Continue?
delete-yes = Delete

# Reporting
report-title = Report a post
report-lead = If something is wrong with this post, please tell the office. Other members will not see who reported it.
reason = Reason
reason-hint = What is wrong with it? Up to 500 characters.
send-report = Tell the office
report-thanks = Thank you. The office will look into it.

# Mistakes in forms
title-missing = Please enter a title.
title-too-long = Please keep the title to 80 characters.
body-missing = Please enter a text.
body-too-long = Please keep the text to 10,000 characters.
reason-missing = Please enter a reason.
reason-too-long = Please keep the reason to 500 characters.
report-again = You have reported this post already. The office will look into it.
closed-meanwhile = This was closed while you were writing, so your reply was not posted.
description-too-long = Please keep the description to 300 characters.
slug-malformed = Please use lower-case letters, digits and hyphens (-), 40 at most.
slug-taken = Another board has this URL name.
gate-missing = Please choose who may enter.
gate-keys-missing = Please enter the URL names of tiers, labels or segments.
gate-keys-malformed = URL names consist of lower-case letters, digits and hyphens (-).

# The block
latest-title = Latest on the board
latest-none = Nothing has been posted yet.
latest-more = Go to the board

# Moderation
admin-title = Board moderation
to-reports = See reports
to-manage-boards = Edit boards
pin = Pin to the top
unpin = Unpin
close = Close to replies
reopen = Reopen to replies
hide = Hide
restore = Show again
dismiss = Nothing wrong
open-reports = Open reports
settled-reports = Settled reports
no-open-reports = No open reports.
no-settled-reports = No settled reports.
reported-by = Reported by { $name }
reported-post-gone = This post has been deleted.
outcome-hidden = Hidden
outcome-dismissed = Nothing wrong
outcome-deleted = Deleted by its author
more-reports = More
boards-heading = Boards
new-board = New board
new-board-title = New board
edit-board-title = Edit board
no-boards-yet = No boards yet.
boards-full = There can be 50 boards. To make a new one, please delete one that is not in use.
see-on-site = See on the site
move-up = Up
move-down = Down
move-up-board = Move “{ $board }” up
move-down-board = Move “{ $board }” down
remove-board-named = Delete “{ $board }”
board-title = Name
slug = URL name
slug-hint = Part of the board’s address, such as news-2026
board-description = Description
board-close = Read only (moderators can still write)
gate = Who may enter
gate-everyone = Everyone
gate-members = Members
gate-tiers = Members of certain tiers
gate-labels = Members with certain labels
gate-segments = Members in certain segments
gate-staff = Staff only
gate-tiers-named = Tiers: { $keys }
gate-labels-named = Labels: { $keys }
gate-segments-named = Segments: { $keys }
gate-keys = URL names of tiers, labels or segments
gate-keys-hint = For certain tiers, labels or segments. A segment's URL name stands on its page. Separate several by commas: gold, silver
remove-board-title = Delete board
remove-board-question = Delete “{ $board }”?
board-not-empty = A board with threads can’t be deleted. To take it out of sight, let only staff enter.
back-to-boards = Back to boards

mail-replied-subject = A reply to “{ $title }”
mail-replied-text =
    Somebody replied to your thread “{ $title }” on the board of { $organisation }.

    { $base }/posts/{ $post }
mail-reported-subject = A post was reported: { $title }
mail-reported-text =
    A post in the thread “{ $title }” on the board of { $organisation } was reported.

    Reason: { $reason }

    Please look at it on this page:
    { $admin_base }/
open-reports-title = Reports on the board
open-reports-count = { $count ->
    [one] One report waits for you
   *[other] { $count } reports wait for you
 }
open-reports-many = { $count } or more reports wait for you
activity-started = Started the thread “{ $title }”

pictures = Pictures
pictures-hint = Up to four, 10 MB each (PNG, JPEG, GIF or WebP). Where a photo was taken and the like is taken out.
pictures-now = Its pictures
pictures-too-many = Four pictures are the most, those that it has included.
pictures-not-welcome = Posts can't have pictures at the moment.
picture-of = Picture { $number } by { $name }
picture-number = Picture { $number }
picture-remove = Delete picture { $number }

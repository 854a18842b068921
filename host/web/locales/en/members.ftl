# Members
admin-nav-members = Members
members-title = Members
members-all =
    { $count ->
        [one] 1 member
       *[other] { $count } members
    }
members-search = Name, reading, number or address
members-find = Find
members-show-all = Show all
members-number = Number
members-name = Name
members-kana = Reading
members-display-name = Name on the site
members-email = Mail address
members-account = Signing in
members-account-yes = Possible
members-account-by-mail = By a mailed code; not done yet
members-account-no = Not yet possible
members-tier = Tier
members-labels = Labels
members-segments = Segments
members-joined-on = Joined on
members-none = None
members-none-found = No member was found for “{ $typed }”. Try part of a name, or the number.
members-empty = There are no members yet.
members-pages = Pages
members-first = To the first
members-next = The next 50
members-back = All members
members-record = The record
members-save = Save
members-answers = Answers to forms
members-timeline = What they did
members-timeline-empty = Nothing yet. Posts on the board and what else they do in plugins will be listed here.
members-export = This member's data
members-export-lead = Writes the record and all that plugins keep about this member into one file (JSON), for when they ask for it. That it was done is noted.
members-export-do = Save the file
flash-values-saved = The member's details are saved.
flash-values-same = Nothing was changed.
flash-details-saved = Your details are saved.
activity-member-values-changed = Changed details of a member: { $detail }
parameter-yes = Yes
parameter-no = No

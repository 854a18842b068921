# The site's settings and menus.

site-title = Site settings
site-back = Back to the site settings
site-has-draft = Unpublished changes
site-is-live = This is what is published
site-drafted-together = Settings and menus are one draft: publishing either publishes both.
site-name = Name of the site
site-tagline = Tagline
site-tagline-hint = A few words beside the name.
site-accent = Main colour
site-accent-hint = For buttons and links.
site-accent-adjusted = This colour is light: text and links use a darker shade of it, so that they can be read.
site-logo = Logo
site-logo-none = No logo
site-logo-upload = Add a picture for the logo
site-logo-alt = What the logo shows
site-logo-alt-hint = Read out to those who can't see the logo.
site-contact-email = Mail address for enquiries
site-contact-email-hint = Shown on the site.
site-contact-path = Page for enquiries
site-contact-path-hint = Where visitors who may not enter a page are led, such as /contact
site-theme = Theme
site-publish-saved = Publish the saved draft
site-undo = Take back the last publication
site-undo-confirm = The settings and menus published before come back. What you take back stays in the history. Go on?
site-history = History of the site settings
site-history-empty = Nothing was saved yet.

site-menu = Menus
site-menu-lead = The menus at the top and at the bottom of the site. One language is enough.
site-menu-main = Top menu
site-menu-footer = Bottom menu
site-menu-label-ja = Words (Japanese)
site-menu-label-en = Words (English)
site-menu-path = Leads to
site-menu-up = Up
site-menu-down = Down
site-menu-remove = Remove
site-menu-add = Add an entry
site-menu-empty = There are no entries.

site-name-wrong = Enter a name of at most 60 characters.
site-tagline-wrong = One line of at most 100 characters.
site-accent-wrong = Choose a colour.
site-logo-missing = This picture can't be the logo. Choose one that everyone may see.
site-logo-alt-missing = Say what the logo shows, in at most 200 characters.
site-contact-email-wrong = This does not look like a mail address.
site-path-wrong = Enter the address of a page such as /contact, or one that begins with https://
site-theme-missing = Choose a theme.
site-menu-label-wrong = Enter words of at most 40 characters.
site-menu-too-long = A menu takes at most 20 entries.

flash-site-saved = The draft is saved.
flash-site-published = Published.
flash-site-undone = The publication was taken back; what was published before it is back.
flash-site-restored = The earlier version is the draft now. It is not published yet.

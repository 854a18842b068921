# The frame of the staff area.

admin-base-skip = Skip to content
admin-base-area = Staff area
admin-base-menu = Menu
admin-base-nav = Staff menu
admin-base-site = View the site
admin-base-language = Language
admin-base-sign-out = Sign out
admin-base-request = Number for enquiries:
admin-base-demo = Demo controls
admin-base-demo-reset = Start over
admin-base-demo-confirm = This puts everything in the demo back to how it was at the start. Go ahead?

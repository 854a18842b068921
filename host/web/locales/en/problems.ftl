# What people see when something did not work, and the notice above previews.

problem-not-found-title = Page not found
problem-not-found-text = The page has moved or been removed, or there is a mistake in the address.
problem-forbidden-title = You can’t do this
problem-forbidden-text = You don’t have access to this page. If you think you should, please contact the office.
problem-sign-in-title = Please sign in
problem-sign-in-text = Please sign in, then try again.
problem-stale-form-title = Please try again
problem-stale-form-text = The page had been open for a while, so what you sent could not be taken. Please go back, reload the page and send it again.
problem-bad-request-title = This could not be taken
problem-bad-request-text = Something in what was sent is missing or not right. Please go back and try again.
problem-method-not-allowed-title = This can’t be opened this way
problem-method-not-allowed-text = Please go to the home page and follow the links and buttons from there.
problem-too-large-title = This is too large
problem-too-large-text = What you sent is too large. Please shorten the text or use a smaller picture, then try again.
problem-conflict-title = Somebody else was faster
problem-conflict-text = This was changed while you were looking at it, so nothing was saved. Please look at the latest version and try again.
problem-too-many-title = Please wait a moment
problem-too-many-text = That was too many tries. Please try again a little later.
problem-unavailable-title = Busy at the moment
problem-unavailable-text = The site is not available for a moment. It will be back by itself.
problem-plugin-paused-title = This part is paused
problem-plugin-paused-text = It kept failing, so it is resting for a while. Please try again later.
problem-broken-title = We are sorry
problem-broken-text = Something went wrong while showing this page. If it keeps happening, please tell the office the number below.

preview-as-visitor = As seen by someone who is not signed in, with what is not published yet.
preview-as-tier = As seen by members of the tier “{ $name }”, with what is not published yet.
preview-as-member = As seen by { $name }, with what is not published yet.

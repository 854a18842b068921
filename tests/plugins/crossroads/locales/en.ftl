none = Nobody has passed yet.
sign = Signpost:
mail-passed-subject = You have passed
mail-passed-text = You have passed the crossroads of { $organisation }.
mail-alarm-subject = The alarm goes
mail-alarm-text = Look at { $admin_base }/.
picture-missing = Choose a picture.

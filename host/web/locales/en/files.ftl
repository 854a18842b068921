# Pictures and files.

files-title = Pictures and files
files-lead = Pictures and PDF documents of your site. Insert them into the text from a page's editor.
files-empty-list = There are no files yet.
files-older = Earlier
files-add = Add a file
files-for-page = "Who may see it" is set as on the page that you were editing. Adding the file takes you back there.
files-file = File
files-file-hint = Pictures (PNG, JPEG, GIF, WebP) and PDF documents, up to { $limit } MB.
files-alt-ja = What the picture shows (Japanese)
files-alt-en = What the picture shows (English)
files-alt-hint = Read out to those who can't see the picture. A short sentence will do. PDF documents need none.
files-size = { $kilobytes } KB
files-size-label = Size
files-back = Back to pictures and files
files-open = Open the file
files-added = Added
files-uses = Where it is used
files-used-as-logo = The site's logo
files-unused = Nowhere.
files-address = Address
files-replace = Replace the file
files-replace-hint = Every place that uses it shows the new one at once. Up to { $limit } MB.
files-save = Save
files-delete = Delete the file
files-delete-used = This file is in use. Those places will show nothing in its stead.
files-delete-for-good = A deleted file can't be brought back.
files-delete-confirm = The file is deleted for good. Go on?

files-none-chosen = Choose a file.
files-empty = There is nothing in this file.
files-markup = For safety, SVG and HTML files can't be added. Save pictures as PNG or JPEG.
files-heic = Photos of this kind (HEIC) can't be added. Save them as JPEG.
files-unknown = Files of this kind can't be added. Use PNG, JPEG, GIF, WebP or PDF.
files-cut-off = This file is cut off: its end is missing. Copy it again from the camera or the computer it came from, and add it once more.
files-too-large = This file is too large. Up to { $limit } MB are possible.
files-alt-missing = Say what the picture shows.
files-alt-too-long = One line of at most 300 characters.
files-other-kind = Replace a picture by a picture, and a PDF document by a PDF document.

flash-file-added = The file was added.
flash-file-added-for-page = The file was added. "Insert a picture" puts it into the text.
flash-file-changed = The file was saved.
flash-file-deleted = The file was deleted.

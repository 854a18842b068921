# Importing members
imports-title = Import from a file
imports-back = All imports
imports-lead = Enter or update many members at once from a spreadsheet. You see what would happen before anything does, and can take it back afterwards.
imports-file = The file
imports-file-hint = Excel (.xlsx) or CSV, up to { $limit } MB. The encoding is found by itself.
imports-upload = Read it
imports-earlier = Earlier imports
imports-row-count =
    { $count ->
        [one] 1 row
       *[other] { $count } rows
    }
imports-came-to = { $added } added, { $changed } changed
imports-plan-title = What the columns hold
imports-sheet = Sheet
imports-encoding = Encoding
imports-encoding-utf-8 = UTF-8
imports-encoding-shift_jis = Shift_JIS (Windows)
imports-encoding-euc-jp = EUC-JP
imports-encoding-iso-2022-jp = ISO-2022-JP
imports-encoding-utf-16le = UTF-16, little-endian
imports-encoding-utf-16be = UTF-16, big-endian
imports-encoding-windows-1252 = Western Europe (Windows)
imports-reread = Read again
imports-columns = Each column
imports-columns-lead = Guessed from the titles. Choose again where it is wrong; what is not wanted is not read.
imports-has-titles = The first row has titles
imports-column-holds = What column { $column } holds
imports-not-read = Not read
imports-target-number = Number
imports-target-full-name = Full name
imports-target-family-name = Family name
imports-target-given-name = Given name
imports-target-full-kana = Reading of the full name
imports-target-family-kana = Reading of the family name
imports-target-given-kana = Reading of the given name
imports-target-display-name = Name on the site
imports-target-email = Mail address
imports-target-other-email = Further mail address
imports-target-phone = Phone
imports-target-mobile = Mobile phone
imports-target-postal-code = Postal code
imports-target-region = State, province, prefecture
imports-target-locality = City
imports-target-street = Street (or an address in one column)
imports-target-building = Building, room
imports-target-country = Country
imports-target-born-on = Date of birth
imports-target-joined-on = Joined on
imports-target-member-type = Type of membership
imports-target-begins = First day of membership
imports-target-ends = Last day of membership
imports-target-tier = Tier
imports-target-labels = Labels
imports-target-note = Note
imports-titles-number = number,member number,member no,no,id,member id,membership number
imports-titles-full-name = name,full name,member
imports-titles-family-name = family name,last name,surname
imports-titles-given-name = given name,first name,forename
imports-titles-full-kana = kana,reading
imports-titles-family-kana = family name kana,last name kana
imports-titles-given-kana = given name kana,first name kana
imports-titles-display-name = display name,nickname,name on the site
imports-titles-email = email,e-mail,mail,email address,mail address
imports-titles-other-email = email 2,other email,second email
imports-titles-phone = phone,telephone,phone number,home phone,tel
imports-titles-mobile = mobile,mobile phone,cell,cell phone
imports-titles-postal-code = postal code,postcode,zip,zip code
imports-titles-region = region,state,province,county,prefecture
imports-titles-locality = city,town,locality
imports-titles-street = address,street,address 1,street address
imports-titles-building = address 2,building,apartment
imports-titles-country = country,country code
imports-titles-born-on = date of birth,birthday,birth date,born on,dob
imports-titles-joined-on = joined,joined on,member since,join date
imports-titles-member-type = type,membership,membership type,type of membership
imports-titles-begins = start,start date,begins,first day of membership
imports-titles-ends = end,end date,ends,expires,expiry,valid until,last day of membership
imports-titles-tier = tier,rank,level
imports-titles-labels = labels,tags
imports-titles-note = note,notes,comment,remarks
imports-rules = How to import
imports-existing = Rows whose number a member has
imports-existing-leave = Leave the member as they are
imports-existing-change = Change the member to what the row says (empty cells change nothing; nor do membership and type change)
imports-wrong = If some rows can't be read
imports-wrong-none = Import none
imports-wrong-good = Import the good ones
imports-numbering = Give rows without a number the next ones
imports-begins = First day of membership, for all
imports-begins-hint = Where it is empty: the day on which the row says they joined, or else the day of the import.
imports-default-type = Type of membership where a row has none
imports-default-tier = Tier where a row has none
imports-default-label = Label for everybody who is added
imports-check = See what would happen
imports-chosen-twice = Two columns are said to hold the same. Set one of them to “Not read”.
imports-no-name = Say which column holds the name.
imports-no-number = Say which column holds the number, or have rows without one given the next ones.
imports-no-type = There is no type of membership of this name.
imports-no-tier = There is no tier of this name.
imports-no-label = There is no label of this name.
imports-number-twice = An earlier row has the same number.
imports-member-gone = This member is no longer there.
imports-state-uploaded = Waits for its columns
imports-state-checking = Being checked
imports-state-checked = Not imported yet
imports-state-running = Being imported
imports-state-done = Imported
imports-state-undoing = Being taken back
imports-state-undone = Taken back
imports-at-work =
    { $state ->
        [checking] Every row is looked at. This page shows what is new by itself.
        [undoing] It is being taken back. This page shows what is new by itself.
       *[running] It is being imported, and goes on if you close this page.
    }
imports-look-again = See how far it is
imports-would = What would happen
imports-would-do = { $adds } members would be added, and { $changes } changed.
imports-would-skip =
    { $count ->
        [one] 1 row that can't be read would be left out.
       *[other] { $count } rows that can't be read would be left out.
    }
imports-would-stop =
    { $count ->
        [one] 1 row can't be read, so nothing is imported like this. Mend the file and read it again, or go back and choose to import the good rows.
       *[other] { $count } rows can't be read, so nothing is imported like this. Mend the file and read it again, or go back and choose to import the good rows.
    }
imports-nothing-to-do = There is nobody to add or change.
imports-run = Import
imports-plan-again = Back to the columns
imports-undo-title = Take it back
imports-undo-lead = Removes the members that were added, and makes those that were changed what they were. Who was changed since, or has signed in or posted, stays. Possible for { $days } days.
imports-undo = Take this import back
imports-undo-confirm = Take this import back?
imports-rows = Row by row
imports-rows-new = Not looked at
imports-rows-adds = To be added
imports-rows-changes = To be changed
imports-rows-left = No change
imports-rows-wrong = Can't be read
imports-rows-added = Added
imports-rows-changed = Changed
imports-rows-failed = Could not be imported
imports-rows-undone = Taken back
imports-rows-kept = Stayed
imports-wrong-file = Save the rows that can't be read, with reasons (CSV)
imports-reason = Reason
imports-row = Row { $number }
imports-see-member = See the member
imports-next = The next 100 rows
imports-delete = What was read
imports-delete-lead = Members stay as they are, but the import can't be taken back after that. It is deleted by itself after { $days } days.
imports-delete-do = Delete
imports-delete-confirm = Delete what was read? Members stay, and the import can't be taken back.
imports-file-empty = There is nothing in the file.
imports-file-too-large = The file is too large: at most 20 MB, and 5 million cells. Send it in parts.
imports-file-rows = There are too many rows: at most 200,000. Send it in parts.
imports-file-columns = There are too many columns: at most 200.
imports-file-cell = Row { $row } has a cell of more than 10,000 characters.
imports-file-quote = A quotation mark in row { $row } is not closed.
imports-file-encoding = Line { $line } has a character that can't be read. Look at the file's encoding.
imports-file-no-sheet = There is no such sheet.
imports-file-protected = A file with a password can't be read. Save it without one.
imports-file-other-spreadsheet = This kind of spreadsheet can't be read. Save it as an Excel workbook (.xlsx) or as CSV.
imports-file-kind = This can't be read as a table. Choose an Excel workbook (.xlsx) or a CSV file.
flash-import-read = The file is read. Look at what its columns hold.
flash-import-checking = Every row is being looked at.
flash-import-running = The import has begun.
flash-import-undoing = It is being taken back.
flash-import-deleted = What was read is deleted.
flash-warning-import-changed = This import has gone on already. This is how it is now.
activity-members-imported = Imported members: { $detail }
activity-import-undone = Took back an import of members: { $detail }

mail-spam-subject = { $subject }
mail-spam-text = This is spam.

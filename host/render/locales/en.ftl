# Mistakes in a block that a page asks for. Shown to staff.
common-block-error-name = “{ $name }” cannot be read as the name of a block. Write ::plugin/block in small letters, digits and hyphens.
common-block-error-after-name = “{ $value }” after the name of the block cannot be read. Put what you ask for between {"{"} and {"}"}.
common-block-error-unclosed = The {"}"} at the end is missing.
common-block-error-after-end = There is “{ $value }” after the {"}"}. A block stands alone on its line.
common-block-error-parameter-name = “{ $name }” cannot be read as a name. Use letters and digits.
common-block-error-no-value = “{ $name }” has no value. Write { $name }="…", { $name }=5 or { $name }=true.
common-block-error-unclosed-text = The text of “{ $name }” lacks its closing quotation mark (").
common-block-error-value = The value “{ $value }” of “{ $name }” cannot be read. Put text in straight quotation marks ("), and write whole numbers, true or false.
common-block-error-twice = “{ $name }” is given twice.

refused = It could not be given back.

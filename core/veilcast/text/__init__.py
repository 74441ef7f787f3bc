"""Text from any place: its spoken and its written form, and the identifiers in it."""

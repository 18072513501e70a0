"""One module a format: what a tool would have exported. Pure functions from records to bytes."""

"""One module a source: recognise and read export files."""

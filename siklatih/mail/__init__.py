"""Files that arrive by e-mail: attachments land, the sender is the provider, the verdict is the reply."""

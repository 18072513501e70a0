"""Drafts of mappings: what ``siklatih map`` writes for a file that is not known, for a person to review."""

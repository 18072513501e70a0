"""The leaders' report: context, text, charts, rendering."""

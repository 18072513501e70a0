"""The answer to whoever sent a file: their own file again, with the faults marked and explained."""

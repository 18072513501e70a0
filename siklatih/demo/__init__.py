"""The synthetic city that the demo and the tests run on."""

"""What runs, in which order, with which parameters. One file a flow."""

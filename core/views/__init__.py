"""Pages of the house itself: the door, accounts, audit, long work."""

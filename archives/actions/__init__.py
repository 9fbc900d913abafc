"""The writers of reports: who owes them, making, filing, signing, paper, corrections."""

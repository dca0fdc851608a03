"""Who may come in: passwords, one-time links, sessions, and patience with those who guess."""

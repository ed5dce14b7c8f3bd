"""Whether this machine and the account are ready: each finding says what it is, what follows and what to do."""

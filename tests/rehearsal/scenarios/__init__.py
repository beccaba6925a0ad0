"""What the rehearsal goes through, a module for each; they take an account and leave it usable."""

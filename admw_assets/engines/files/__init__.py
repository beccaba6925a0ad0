"""Data files on this machine: opened safely, their records counted and found again."""

"""The rehearsal: what was compiled is deployed to an AWS emulator and really runs, all locally."""

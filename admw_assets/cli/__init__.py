"""The `admw` command. Modules with heavy imports are loaded by the command that needs them."""

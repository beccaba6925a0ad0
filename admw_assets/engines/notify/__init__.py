"""Adapters of the Notifier port; each imports core and one library."""

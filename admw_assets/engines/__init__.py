"""Adapters: each implements ports of the core with one library, and knows no other engine."""

"""Composition roots: settings in, ports out. The only place that knows every engine."""

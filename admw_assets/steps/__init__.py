"""One function per step, on core's ports; imports core only."""

"""Where source files go when they are done: archives, tested and described."""

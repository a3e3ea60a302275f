"""The shipped calendar tables and their reader."""

"""Sign-off: reviews bound to content, publications that can be verified and rolled back."""

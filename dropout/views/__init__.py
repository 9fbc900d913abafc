"""The pages of the case work, one noun a file."""

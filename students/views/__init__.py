"""The student pages, one noun a file."""

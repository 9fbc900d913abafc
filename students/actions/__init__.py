"""The only writers of students' facts."""

"""What deserves a look: where numbers that are not finite were born, what saturates, what is exactly zero."""

"""What values are called, how they were made, and what their local derivatives are, in the user's words."""

"""What type checkers see of Ramba."""

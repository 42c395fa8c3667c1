"""Programs, pictures and questions about speed; NumPy is the baseline everywhere."""

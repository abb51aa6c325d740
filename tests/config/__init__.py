"""What every answer of the house carries."""

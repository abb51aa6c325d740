"""Stories of people who use the house, one file each, in a real browser."""

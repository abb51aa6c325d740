"""What guards the house: where things lie, who imports whom, what is locked, what is translated."""

"""Letters waiting to leave: stored with the news they carry, sent after it is true."""

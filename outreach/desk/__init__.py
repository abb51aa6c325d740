"""The desk (事務局): the queue, who could go, vouching for people, letters, the year's rules."""

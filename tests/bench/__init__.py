"""How fast the pages are, beside bare framework pages measured in the same run: `make bench`, told in docs/speed.md."""

"""Key figures: a question, a sentence that says what counts, and a measure; and the targets they are held against."""

"""What is learned: frameworks of competences, and (to come) units and lessons."""

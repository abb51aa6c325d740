"""School visits: who asks, who answers, what took place."""

"""An ambassador's time: what is kept (確保) for an offer or a visit, with the way there and back."""

"""メッセージ: what school, ambassadors and desk write to each other about one visit, beside it and never in public."""

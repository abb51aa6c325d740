"""Inquiries (問い合わせ): what anybody may write to the desk, a question or a concern, and what the desk makes of it."""

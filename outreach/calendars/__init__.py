"""カレンダー: a person's visits, offers and times as days, weeks and months."""
